/* An HTTP/1.1 server that is never the bottleneck: one thread, epoll, answers made beforehand.

   server CONVERSATION MESSAGES MICROSECONDS

   The arguments are the files that GET /conversation/{id} and GET /conversation/{id}/messages
   answer with. POST is answered 204. GET /count tells how many requests were answered so, and
   leaves itself out. With MICROSECONDS it works for so long on each request, one at a time, in the
   order of their arrival. The first line of output is the port on 127.0.0.1; the end of standard input
   ends the server. */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_LIMIT = 16384, EVENTS = 256, COUNT_LIMIT = 256 };

struct answer {
    const char *bytes;
    size_t size;
};

struct connection {
    int fd;
    bool waits_to_write;    /* epoll tells when there is room, and nothing else */
    bool closes;            /* after the answer under way */
    size_t body_left;       /* bytes of a request's body that are still to be skipped */
    size_t filled;
    struct answer under_way;
    char count[COUNT_LIMIT];
    char input[HEAD_LIMIT];
};

static struct answer conversation, messages, empty, unknown;
static unsigned long answered;
static int poller;
static useconds_t work;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct answer of_text(const char *text)
{
    return (struct answer){text, strlen(text)};
}

static struct answer of_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        fail(path);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc(size + 256);
    if (!bytes)
        fail("malloc");
    int head = sprintf(bytes,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: %ld\r\n\r\n",
                       size);
    if (fread(bytes + head, 1, size, file) != (size_t)size)
        fail(path);
    fclose(file);
    return (struct answer){bytes, head + size};
}

static struct answer of_count(struct connection *it)
{
    char number[32];
    int digits = snprintf(number, sizeof number, "%lu", answered);
    int size = snprintf(it->count, sizeof it->count,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                        "Content-Length: %d\r\n\r\n%s",
                        digits, number);
    return (struct answer){it->count, size};
}

static struct answer answer_to(struct connection *it, const char *line, size_t size)
{
    static const char count[] = "GET /count ", get[] = "GET /conversation/";
    if (size >= sizeof count - 1 && !memcmp(line, count, sizeof count - 1))
        return of_count(it);
    answered++;
    if (work)
        usleep(work);
    if (size >= 5 && !memcmp(line, "POST ", 5))
        return empty;
    if (size >= sizeof get - 1 && !memcmp(line, get, sizeof get - 1)) {
        const char *id = line + sizeof get - 1, *end = line + size;
        const char *rest = id;
        while (rest < end && !strchr("/? ", *rest))
            rest++;
        if (rest == id)
            return unknown;
        if (*rest != '/')
            return conversation;
        if ((size_t)(end - rest) > 9 && !memcmp(rest, "/messages", 9) && strchr("? ", rest[9]))
            return messages;
    }
    return unknown;
}

/* Take note of the headers that say where the request ends and whether it is the last one. */
static bool read_headers(struct connection *it, const char *line, const char *end)
{
    while ((line = memchr(line, '\n', end - line))) {
        line++;
        if (!strncasecmp(line, "content-length:", 15))
            it->body_left = strtoul(line + 15, NULL, 10);
        else if (!strncasecmp(line, "transfer-encoding:", 18))
            return false;
        else if (!strncasecmp(line, "connection: close", 17))
            it->closes = true;
    }
    return true;
}

static void watch(struct connection *it, int operation, unsigned events)
{
    struct epoll_event event = {.events = events, .data.ptr = it};
    if (epoll_ctl(poller, operation, it->fd, &event))
        fail("epoll_ctl");
}

static void drop(struct connection *it)
{
    close(it->fd);
    free(it);
}

/* Write what is left of the answer under way. Returns false if the connection is at its end. */
static bool write_answer(struct connection *it)
{
    while (it->under_way.size) {
        ssize_t sent = send(it->fd, it->under_way.bytes, it->under_way.size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent < 0) {
            if (!it->waits_to_write)
                watch(it, EPOLL_CTL_MOD, EPOLLOUT);
            it->waits_to_write = true;
            return true;
        }
        it->under_way.bytes += sent;
        it->under_way.size -= sent;
    }
    if (it->waits_to_write)
        watch(it, EPOLL_CTL_MOD, EPOLLIN);
    it->waits_to_write = false;
    return !it->closes;
}

/* Answer the requests that have arrived in full, one after the other. */
static bool answer_all(struct connection *it)
{
    size_t used = 0;
    while (!it->under_way.size) {
        size_t skipped = it->filled - used < it->body_left ? it->filled - used : it->body_left;
        used += skipped;
        it->body_left -= skipped;
        const char *head = it->input + used;
        const char *end = memmem(head, it->filled - used, "\r\n\r\n", 4);
        if (!end)
            break;
        it->under_way = answer_to(it, head, end - head);
        if (!read_headers(it, head, end + 2))
            return false;
        used = end + 4 - it->input;
        if (!write_answer(it))
            return false;
    }
    it->filled -= used;
    memmove(it->input, it->input + used, it->filled);
    return it->filled < HEAD_LIMIT || it->under_way.size;
}

static bool serve(struct connection *it)
{
    if (it->under_way.size)
        return write_answer(it) && (it->under_way.size || answer_all(it));
    ssize_t size = recv(it->fd, it->input + it->filled, HEAD_LIMIT - it->filled, 0);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR;
    it->filled += size;
    return size > 0 && answer_all(it);
}

static void accept_all(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *it = calloc(1, sizeof *it);
        if (!it)
            fail("calloc");
        it->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(it, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) ||
        listen(listener, SOMAXCONN) || getsockname(listener, (struct sockaddr *)&address, &size))
        fail("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: server CONVERSATION MESSAGES MICROSECONDS\n");
        return 2;
    }
    conversation = of_file(arguments[1]);
    messages = of_file(arguments[2]);
    work = strtoul(arguments[3], NULL, 10);
    empty = of_text("HTTP/1.1 204 No Content\r\n\r\n");
    unknown = of_text("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct connection listener = {.fd = listen_anywhere()}, input = {.fd = STDIN_FILENO};
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    watch(&input, EPOLL_CTL_ADD, EPOLLIN);

    struct epoll_event events[EVENTS];
    for (;;) {
        /* One event at a time where that takes long: epoll lines up again what it has just told of,
           before what arrives in the meantime. */
        int ready = epoll_wait(poller, events, work ? 1 : EVENTS, -1);
        for (int index = 0; index < ready; index++) {
            struct connection *it = events[index].data.ptr;
            if (it == &input)
                return 0;
            if (it == &listener)
                accept_all(listener.fd);
            else if (!serve(it))
                drop(it);
        }
    }
}
