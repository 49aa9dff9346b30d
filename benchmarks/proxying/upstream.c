/* An upstream in three parts, each on a port of its own, which it prints:
   one sends back what it gets, one reads and forgets, one never stops sending. */
#include "net.h"

enum part { NONE, ECHO, SINK, SOURCE };
static enum part listening[DESCRIPTORS], serving[DESCRIPTORS];

static int listens(enum part part) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (bind(fd, (void *)&at, size) || listen(fd, 4096)) die("listen");
    getsockname(fd, (void *)&at, &size);
    at_once(fd);
    printf("%d%c", ntohs(at.sin_port), part == SOURCE ? '\n' : ' ');
    listening[fd] = part;
    return fd;
}

static void accepts(int epoll, int fd) {
    int one;
    while ((one = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        serving[one] = listening[fd];
        watch(epoll, EPOLL_CTL_ADD, one, serving[one] == SOURCE ? EPOLLOUT : EPOLLIN);
    }
}

static void serves(int fd) {
    ssize_t size;
    if (serving[fd] == SOURCE)
        size = write(fd, buffer, BUFFER);
    else
        size = read(fd, buffer, BUFFER);
    if (size > 0 && serving[fd] == ECHO) size = write(fd, buffer, size);
    if (size == 0 || (size < 0 && errno != EAGAIN)) close(fd);
}

int main(void) {
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0);
    signal(SIGPIPE, SIG_IGN);
    for (enum part part = ECHO; part <= SOURCE; part++)
        watch(epoll, EPOLL_CTL_ADD, listens(part), EPOLLIN);
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            listening[fd] ? accepts(epoll, fd) : serves(fd);
        }
    }
}
