/* SPDX-License-Identifier: MIT */
/* TLS is verified unless the caller says otherwise, and such answers are kept apart. */
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "web.h"

#define CONNECTIONS_MAX 32

/* Serves one fixed answer over TLS, a thread for each connection. */
static struct server {
    SSL_CTX *context;
    int listener, port;
    pthread_t acceptor, threads[CONNECTIONS_MAX];
    int fds[CONNECTIONS_MAX];
    atomic_int connection_count;
} server;

static char ca_path[] = "/tmp/cachet-tls-XXXXXX";

/* A certificate for 127.0.0.1 alone, that is its own root. */
static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *const certificate = X509_new();
    X509_NAME *const name = X509_get_subject_name(certificate);
    static const struct {
        int nid;
        const char *value;
    } extensions[] = {{NID_subject_alt_name, "IP:127.0.0.1"},
                      {NID_basic_constraints, "critical,CA:TRUE"}};

    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) "loopback", -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    for (size_t i = 0; i < 2; i++) {
        X509_EXTENSION *const extension =
            X509V3_EXT_conf_nid(NULL, NULL, extensions[i].nid, extensions[i].value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(certificate, key, EVP_sha256());
    return certificate;
}

static bool make_context(void)
{
    EVP_PKEY *const key = EVP_EC_gen("P-256");
    X509 *const certificate = make_certificate(key);
    const int fd = mkstemp(ca_path);
    FILE *const file = fd < 0 ? NULL : fdopen(fd, "w");
    bool is_made = file != NULL && PEM_write_X509(file, certificate) == 1;

    if (file != NULL)
        (void) fclose(file);
    server.context = SSL_CTX_new(TLS_server_method());
    is_made = is_made && SSL_CTX_use_certificate(server.context, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(server.context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return is_made;
}

static void answer_all(SSL *tls)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsealed";
    char held[4096];
    int size = 0, got;

    while ((got = SSL_read(tls, held + size, (int) sizeof held - 1 - size)) > 0) {
        size += got;
        held[size] = '\0';
        if (strstr(held, "\r\n\r\n") == NULL)
            continue;
        if (SSL_write(tls, answer, sizeof answer - 1) <= 0)
            return;
        size = 0;
    }
}

static void *serve(void *context)
{
    int *const fd = context;
    SSL *const tls = SSL_new(server.context);
    sigset_t pipe;

    /* OpenSSL writes with write(): the signal is this thread's. The session's must not come. */
    (void) sigemptyset(&pipe);
    (void) sigaddset(&pipe, SIGPIPE);
    (void) pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL_set_fd(tls, *fd);
    if (SSL_accept(tls) == 1)
        answer_all(tls);
    SSL_free(tls);
    (void) shutdown(*fd, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *context)
{
    (void) context;
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        server.fds[i] = accept(server.listener, NULL, NULL);
        if (server.fds[i] < 0 ||
            pthread_create(&server.threads[i], NULL, serve, &server.fds[i]) != 0)
            break;
        atomic_fetch_add(&server.connection_count, 1);
    }
    return NULL;
}

static bool server_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (!make_context() || bind(server.listener, (struct sockaddr *) &address, size) != 0 ||
        listen(server.listener, 16) != 0 ||
        getsockname(server.listener, (struct sockaddr *) &address, &size) != 0)
        return false;
    server.port = ntohs(address.sin_port);
    return pthread_create(&server.acceptor, NULL, accept_all, NULL) == 0;
}

static void server_stop(void)
{
    (void) shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.acceptor, NULL);
    for (int i = 0; i < atomic_load(&server.connection_count); i++) {
        (void) shutdown(server.fds[i], SHUT_RDWR);
        pthread_join(server.threads[i], NULL);
        (void) close(server.fds[i]);
    }
    (void) close(server.listener);
    SSL_CTX_free(server.context);
    (void) unlink(ca_path);
}

static cachet_session *open_session(uint32_t flags, const char *ca_file)
{
    cachet_options options = CACHET_OPTIONS_INIT;
    cachet_session *session = NULL;
    cachet_error err;

    options.flags = CACHET_UNSEALED | flags;
    options.ca_file = ca_file;
    if (cachet_open(&session, "fake", &options, &err) != CACHET_OK)
        printf("# %s\n", err.message);
    return session;
}

static cachet_status get(cachet_session *session, const char *host, const char *path,
                         cachet_error *err)
{
    char url[128];
    cachet_response *response = NULL;

    err->message[0] = '\0';
    (void) snprintf(url, sizeof url, "https://%s:%d%s", host, server.port, path);
    cachet_status status = cachet_get(session, url, &response, err);
    if (status == CACHET_OK && !web_is(response, 200, "sealed", false))
        status = CACHET_E_FORMAT;
    cachet_response_free(response);
    return status;
}

static void test_verification(void)
{
    cachet_session *const usual = open_session(0, NULL);
    cachet_session *const own = open_session(0, ca_path);
    cachet_session *const insecure = open_session(CACHET_INSECURE, NULL);
    cachet_error err;

    CHECK(get(usual, "127.0.0.1", "/", &err) == CACHET_E_TRANSFER &&
              strstr(err.message, "cannot reach '127.0.0.1:") != NULL &&
              strstr(err.message, "certificate") != NULL,
          "an unknown root: %s", err.message);
    CHECK(fake_stored() == 0, "nothing stored");
    CHECK(get(own, "127.0.0.1", "/", &err) == CACHET_OK, "its root given: %s", err.message);
    CHECK(get(own, "localhost", "/", &err) == CACHET_E_TRANSFER,
          "another name than the certificate's: %s", err.message);
    CHECK(get(insecure, "127.0.0.1", "/", &err) == CACHET_OK,
          "not verified, and not served from what was: %s", err.message);
    CHECK(get(insecure, "localhost", "/", &err) == CACHET_OK, "nor the name");
    CHECK(fake_stored() == 3, "each on its own terms");
    CHECK(get(usual, "127.0.0.1", "/", &err) == CACHET_E_TRANSFER,
          "what others stored is not served to who verifies");
    cachet_close(usual);
    cachet_close(own);
    cachet_close(insecure);
}

/* A child that closes the session must not end the parent's conversation. */
static void test_fork(void)
{
    cachet_session *const session = open_session(0, ca_path);
    cachet_error err;
    int status = -1;

    CHECK(get(session, "127.0.0.1", "/parent", &err) == CACHET_OK, "a connection stands");
    const int before = atomic_load(&server.connection_count);
    (void) fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const bool is_right = get(session, "127.0.0.1", "/child", &err) == CACHET_OK;
        cachet_close(session);
        if (is_right)
            (void) execl("/bin/true", "true", (char *) NULL);
        _exit(1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0,
          "a child has its own");
    CHECK(get(session, "127.0.0.1", "/parent/2", &err) == CACHET_OK &&
              atomic_load(&server.connection_count) == before + 1,
          "the parent's goes on: %s", err.message);
    cachet_close(session);
}

int main(void)
{
    web_use_no_proxy();
    fake_reset();
    if (!server_start())
        return 1;
    test_verification();
    test_fork();
    server_stop();
    fake_reset();
    return tap_done();
}
