std = "lua54"
cache = false
exclude_files = { "build/**" }
max_line_length = 160
files["mod_skotos_bridge"] = { read_globals = { "prosody", "hosts" }, globals = { "module" }, ignore = { "111/status", "111/shards", "111/execute_command", "111/apply_decision", "131" } }
files["spec"] = { std = "lua54+busted", max_line_length = 120 }
files["spec/support/plugins"] = { read_globals = { "prosody" }, globals = { "module" } }
files["prosody-config"] = { ignore = { "111" }, read_globals = { "VirtualHost", "Component", "Include" }, max_line_length = false }
files["bench"] = { max_line_length = false, read_globals = { "prosody" } }
files["bench/growth.lua"] = { max_line_length = false, read_globals = { "prosody", "N_ROOMS", "N_OCCUPANTS", "COUNT", "TOKEN" } }
