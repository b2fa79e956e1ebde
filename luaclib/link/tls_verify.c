#include "tls_verify.h"

#include "fault.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Names of a certificate that a message lists. */
#define NAMES_SHOWN 4
/* 44 characters and the NUL. */
#define PIN_TEXT_SIZE 45

static const char *time_text(char out[32], const ASN1_TIME *time) {
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1 || strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0) {
        snprintf(out, 32, "an unreadable date");
    }
    return out;
}

/* The last common name in `name`, quoted, or all of it when there is none. */
static const char *name_text(char out[FAULT_QUOTE_SIZE], const X509_NAME *name) {
    char whole[256];
    int at = -1, last = -1;
    while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0) {
        last = at;
    }
    if (last >= 0) {
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
        return fault_quote(out, (const char *)ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    }
    X509_NAME_oneline(name, whole, sizeof whole);
    return fault_quote(out, whole, strlen(whole));
}

static void append(char *out, size_t size, const char *text) {
    size_t len = strlen(out);
    snprintf(out + len, size - len, "%s", text);
}

/* One subjectAltName, quoted; NULL when it is of a kind that names no host. */
static const char *alt_name_text(char out[FAULT_QUOTE_SIZE], const GENERAL_NAME *name) {
    char ip[INET6_ADDRSTRLEN];
    int type;
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &type);
    const unsigned char *bytes;
    if (type != GEN_DNS && type != GEN_IPADD) {
        return NULL;
    }
    bytes = ASN1_STRING_get0_data(value);
    if (type == GEN_DNS) {
        return fault_quote(out, (const char *)bytes, (size_t)ASN1_STRING_length(value));
    }
    int len = ASN1_STRING_length(value);
    if ((len != 4 && len != 16) || !inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, ip, sizeof ip)) {
        return NULL;
    }
    return fault_quote(out, ip, strlen(ip));
}

/* The names that `leaf` is for. */
static const char *names_text(char *out, size_t size, X509 *leaf) {
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    int shown = 0, count = sk_GENERAL_NAME_num(names);
    *out = '\0';
    for (int i = 0; i < count && shown < NAMES_SHOWN; i++) {
        char quoted[FAULT_QUOTE_SIZE];
        const char *text = alt_name_text(quoted, sk_GENERAL_NAME_value(names, i));
        if (text) {
            append(out, size, shown > 0 ? ", " : "");
            append(out, size, text);
            shown++;
        }
    }
    if (count > shown && shown == NAMES_SHOWN) {
        append(out, size, ", …");
    }
    GENERAL_NAMES_free(names);
    if (shown == 0) {
        append(out, size, "no host (it has no subjectAltName)");
    }
    return out;
}

static void wrong_name(X509 *leaf, const struct tls_settings *settings, char *reason, size_t size) {
    char names[(FAULT_QUOTE_SIZE + 2) * NAMES_SHOWN + 8];
    snprintf(reason, size, "its certificate is for %s; \"%s\" is wanted (skotos_tls: verify_name)",
             names_text(names, sizeof names, leaf), settings->name);
}

static void describe(int error, X509_STORE_CTX *store, const struct tls_settings *settings, char *reason, size_t size) {
    char date[32], issuer[FAULT_QUOTE_SIZE], subject[FAULT_QUOTE_SIZE];
    X509 *leaf = X509_STORE_CTX_get0_cert(store), *at = X509_STORE_CTX_get_current_cert(store);
    at = at ? at : leaf;
    const char *ca = settings->ca ? settings->ca : "the system's authorities";
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(reason, size, "its certificate %s has expired on %s", name_text(subject, X509_get_subject_name(at)),
                 time_text(date, X509_get0_notAfter(at)));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(reason, size, "its certificate %s is not valid before %s; is a clock wrong?",
                 name_text(subject, X509_get_subject_name(at)), time_text(date, X509_get0_notBefore(at)));
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        wrong_name(leaf, settings, reason, size);
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(reason, size, "its certificate %s is self-signed and not among %s (skotos_tls: ca or pin_sha256)",
                 name_text(subject, X509_get_subject_name(leaf)), ca);
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        snprintf(reason, size, "its certificate was issued by %s, which is unknown to %s (skotos_tls: ca)",
                 name_text(issuer, X509_get_issuer_name(at)), ca);
        break;
    case X509_V_ERR_INVALID_PURPOSE:
        snprintf(reason, size, "its certificate is not for servers (extendedKeyUsage serverAuth is wanted)");
        break;
    default:
        snprintf(reason, size, "its certificate is not accepted: %s", X509_verify_cert_error_string(error));
    }
}

/* The name alone, whoever made the certificate. */
static bool has_name(X509 *leaf, const char *name) {
    unsigned char ip[16];
    if (inet_pton(AF_INET, name, ip) == 1 || inet_pton(AF_INET6, name, ip) == 1) {
        return X509_check_ip_asc(leaf, name, 0) == 1;
    }
    return X509_check_host(leaf, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                           NULL) == 1;
}

static bool pin_of(X509 *leaf, unsigned char pin[TLS_PIN_SIZE]) {
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der);
    bool done = len > 0 && EVP_Digest(der, (size_t)len, pin, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return done;
}

static bool is_pinned(X509 *leaf, const struct tls_settings *settings, char *reason, size_t size) {
    unsigned char pin[TLS_PIN_SIZE];
    char came[PIN_TEXT_SIZE], wanted[PIN_TEXT_SIZE];
    if (!pin_of(leaf, pin)) {
        snprintf(reason, size, "its public key cannot be read");
        return false;
    }
    for (size_t i = 0; i < settings->pin_count; i++) {
        if (memcmp(pin, settings->pins[i], TLS_PIN_SIZE) == 0) {
            return true;
        }
    }
    EVP_EncodeBlock((unsigned char *)came, pin, TLS_PIN_SIZE);
    EVP_EncodeBlock((unsigned char *)wanted, settings->pins[0], TLS_PIN_SIZE);
    snprintf(reason, size, "its public key has the pin %s; %s is wanted%s (skotos_tls: pin_sha256)", came, wanted,
             settings->pin_count > 1 ? ", or another of the list" : "");
    return false;
}

bool tls_verify(X509_STORE_CTX *store, const struct tls_settings *settings, char *reason, size_t size) {
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    if (settings->check_chain && X509_verify_cert(store) != 1) {
        describe(X509_STORE_CTX_get_error(store), store, settings, reason, size);
        return false;
    }
    if (!settings->check_chain && settings->check_name && !has_name(leaf, settings->name)) {
        wrong_name(leaf, settings, reason, size);
        X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
        return false;
    }
    if (settings->pin_count > 0 && !is_pinned(leaf, settings, reason, size)) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        return false;
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return true;
}
