/*
 * ~DevSys/lib/avchat_json.c: JSON (RFC 8259) for avchat_rooms.c: json(value) writes strings, numbers and arrays, parse(frame)
 * reads one frame of the bridge. For inheriting.
 */

# include <type.h>

static string json(mixed value);


/*** Written ***/

/* One character as a string. */
static string character(int code)
{
    string str;

    str = " ";
    str[0] = code;
    return str;
}

/* Text as a JSON string: quotes, backslashes and control characters escaped, all other bytes as they are. */
static string quoted(string text)
{
    int i, len, from, code;
    string out, hex;

    hex = "0123456789abcdef";
    out = "\"";
    for (i = 0, len = strlen(text); i < len; i++) {
	code = text[i];
	if (code < 32 || code == '"' || code == '\\') {
	    if (i > from) {
		out += text[from .. i - 1];
	    }
	    out += (code < 32) ?
		    "\\u00" + character(hex[code / 16]) + character(hex[code % 16]) :
		    "\\" + character(code);
	    from = i + 1;
	}
    }
    if (from < len) {
	out += text[from ..];
    }
    return out + "\"";
}

private string json_list(mixed *list)
{
    int i;
    string *parts;

    parts = allocate(sizeof(list));
    for (i = 0; i < sizeof(list); i++) {
	parts[i] = json(list[i]);
    }
    return "[" + implode(parts, ",") + "]";
}

static string json(mixed value)
{
    switch (typeof(value)) {
    case T_STRING:
	return quoted(value);
    case T_INT:
	return (string) value;
    case T_ARRAY:
	return json_list(value);
    }
    error("Only strings, numbers and arrays can be sent");
}


/*** Read ***/

/* A value's text is ({ text, place }); each reader moves the place behind what it has read. */

private mixed read_value(mixed *in);

private int look(mixed *in)
{
    string text;
    int at;

    text = in[0];
    at = in[1];
    while (at < strlen(text) && (text[at] == ' ' || text[at] == '\n')) {
	at++;
    }
    in[1] = at;
    if (at == strlen(text)) {
	error("JSON ends early");
    }
    return text[at];
}

private void expect(mixed *in, int code)
{
    if (look(in) != code) {
	error("JSON has an unexpected character at " + in[1]);
    }
    in[1]++;
}

private int hex_digits(string text)
{
    int i, code, value;

    for (i = 0; i < strlen(text); i++) {
	code = text[i];
	value = value * 16 + ((code <= '9') ? code - '0' : (code | 32) - 'a' + 10);
    }
    return value;
}

/* The byte that two hexadecimal digits tell of. */
static string byte_of(string digits)
{
    return character(hex_digits(digits));
}

/* A code point below 65536 in UTF-8. */
private string utf8(int code)
{
    if (code < 128) {
	return character(code);
    }
    if (code < 2048) {
	return character(192 | code / 64) + character(128 | code % 64);
    }
    return character(224 | code / 4096) + character(128 | code / 64 % 64) + character(128 | code % 64);
}

private string read_string(mixed *in)
{
    string text, out;
    int at, from, code;

    expect(in, '"');
    text = in[0];
    at = from = in[1];
    out = "";
    while ((code=text[at]) != '"') {
	if (code == '\\') {
	    if (at > from) {
		out += text[from .. at - 1];
	    }
	    code = text[at + 1];
	    if (code == 'u') {
		out += utf8(hex_digits(text[at + 2 .. at + 5]));
		at += 4;
	    } else {
		switch (code) {
		case 'n': code = '\n'; break;
		case 't': code = '\t'; break;
		case 'r': code = '\r'; break;
		case 'b': code = '\b'; break;
		case 'f': code = 12; break;
		}
		out += character(code);
	    }
	    from = at + 2;
	    at++;
	}
	at++;
    }
    if (at > from) {
	out += text[from .. at - 1];
    }
    in[1] = at + 1;
    return out;
}

private mapping read_object(mixed *in)
{
    mapping map;
    string name;

    map = ([ ]);
    expect(in, '{');
    while (look(in) != '}') {
	name = read_string(in);
	expect(in, ':');
	map[name] = read_value(in);
	if (look(in) == ',') {
	    in[1]++;
	}
    }
    in[1]++;
    return map;
}

private mixed *read_list(mixed *in)
{
    mixed *list;

    list = ({ });
    expect(in, '[');
    while (look(in) != ']') {
	list += ({ read_value(in) });
	if (look(in) == ',') {
	    in[1]++;
	}
    }
    in[1]++;
    return list;
}

private mixed read_word(mixed *in)
{
    string text;
    int at, value;

    text = in[0];
    at = in[1];
    if (sscanf(text[at ..], "%d%*s", value) != 0) {
	while (at < strlen(text) && (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'))) {
	    at++;
	}
	in[1] = at;
	return value;
    }
    while (at < strlen(text) && text[at] >= 'a' && text[at] <= 'z') {
	at++;
    }
    if (at == in[1]) {
	error("JSON has an unexpected character at " + at);
    }
    text = text[in[1] .. at - 1];
    in[1] = at;
    return (text == "true") ? TRUE : (text == "null") ? nil : FALSE;
}

private mixed read_value(mixed *in)
{
    switch (look(in)) {
    case '{': return read_object(in);
    case '[': return read_list(in);
    case '"': return read_string(in);
    }
    return read_word(in);
}

/* A frame as a mapping; nil when it is none. */
static mapping parse(string frame)
{
    string head;
    mapping map;

    /* The filling need not be looked at; no text inside can look like it, since its quotes are escaped. */
    if (sscanf(frame, "%s,\"pad\":\"", head) != 0) {
	frame = head + "}";
    }
    catch {
	map = read_object(({ frame, 0 }));
    } : return nil;
    return map;
}
