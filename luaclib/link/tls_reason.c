#include "tls_reason.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

struct words {
    int reason;
    const char *text;
};

static const struct words words[] = {
    {SSL_R_WRONG_VERSION_NUMBER, "what answers there speaks no TLS"},
    {SSL_R_PACKET_LENGTH_TOO_LONG, "what answers there speaks no TLS"},
    {SSL_R_UNEXPECTED_MESSAGE, "what answers there speaks no proper TLS"},
    {SSL_R_HTTP_REQUEST, "what answers there speaks no TLS"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "it speaks only TLS older than 1.2; TLS 1.2 or newer is wanted"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "it speaks only TLS older than 1.2; TLS 1.2 or newer is wanted"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "it wants a client's certificate (skotos_tls: certificate and key, from the authority that it knows)"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "it broke off the handshake: it may want a client's certificate (skotos_tls: certificate and key), or ciphers "
     "older than those of TLS 1.2 with forward secrecy"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "it refuses our certificate: it does not know who issued it"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "it refuses our certificate as bad"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "it refuses our certificate: a client's certificate is wanted"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "it refuses our certificate: it has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "it refuses our certificate: it is revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "it refuses our certificate"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "it refuses us: access denied"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "it does not know the name that we ask for (skotos_tls: verify_name)"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "the connection was cut without TLS's goodbye (close_notify)"},
    {SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, "the encrypted bytes were changed on their way"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "the encrypted bytes were changed on their way"},
};

void tls_reason(unsigned long error, char *out, size_t size) {
    const char *text = ERR_reason_error_string(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (words[i].reason == ERR_GET_REASON(error)) {
                snprintf(out, size, "TLS: %s", words[i].text);
                return;
            }
        }
    }
    snprintf(out, size, "TLS: %s", text ? text : "it failed for no reason that is known");
}
