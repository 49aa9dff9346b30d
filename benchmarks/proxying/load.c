/* The load, on 127.0.0.1; each prints one line of numbers.
     bulk PORT CONNECTIONS MEGABYTES   seconds until all was taken
     ping PORT TIMES                   seconds of a round trip: p50, p99
     many PORT CONNECTIONS SECONDS     round trips a second
     opens PORT AT_ONCE SECONDS        connections a second, one round trip on each
     pace PORT SECONDS                 bytes a second; bytes in each 100 ms */
#include "net.h"

static int epoll;

static int connected(int port) {
    struct sockaddr_in at = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (void *)&at, sizeof at)) die("connect");
    at_once(fd);
    return fd;
}

static int later(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void bulk(int port, int connections, double megabytes) {
    struct epoll_event events[EVENTS];
    long each = megabytes * 1e6 / connections, *left = calloc(DESCRIPTORS, sizeof each);
    for (int i = 0; i < connections; i++) {
        int fd = connected(port);
        left[fd] = each;
        watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT);
    }
    double began = now();
    for (int open = connections; open;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (left[fd] > 0) {
                long size = left[fd] < BUFFER ? left[fd] : BUFFER;
                ssize_t done = send(fd, buffer, size, MSG_DONTWAIT);
                if (done < 0 && errno != EAGAIN) die("send");
                if (done > 0 && (left[fd] -= done) == 0) {
                    shutdown(fd, SHUT_WR);
                    watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
                }
            } else {
                if (read(fd, buffer, BUFFER)) die("no end");
                close(fd);
                open--;
            }
        }
    }
    printf("%f\n", now() - began);
}

static void round_trip(int fd) {
    if (write(fd, buffer, MESSAGE) != MESSAGE) die("write");
    for (int got = 0, size; got < MESSAGE; got += size)
        if ((size = read(fd, buffer, MESSAGE - got)) <= 0) die("read");
}

static void ping(int port, int times) {
    double *took = calloc(times, sizeof *took);
    int fd = connected(port);
    round_trip(fd);
    for (int i = 0; i < times; i++) {
        double began = now();
        round_trip(fd);
        took[i] = now() - began;
    }
    qsort(took, times, sizeof *took, later);
    printf("%.9f %.9f\n", took[times / 2], took[times * 99 / 100]);
}

static void many(int port, int connections, double seconds) {
    struct epoll_event events[EVENTS];
    long trips = 0;
    for (int i = 0; i < connections; i++) {
        int fd = connected(port);
        watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN);
        if (write(fd, buffer, MESSAGE) != MESSAGE) die("write");
    }
    double began = now(), took;
    while ((took = now() - began) < seconds) {
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++, trips++) {
            int fd = events[i].data.fd;
            if (read(fd, buffer, BUFFER) != MESSAGE) die("read");
            if (write(fd, buffer, MESSAGE) != MESSAGE) die("write");
        }
    }
    printf("%f\n", trips / took);
}

static void opening(int port) {
    struct sockaddr_in at = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, (void *)&at, sizeof at) && errno != EINPROGRESS) die("connect");
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT);
}

static void opens(int port, int at_once, double seconds) {
    struct epoll_event events[EVENTS];
    long whole = 0;
    for (int i = 0; i < at_once; i++) opening(port);
    double began = now(), took;
    while ((took = now() - began) < seconds) {
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (events[i].events & EPOLLOUT) {
                if (write(fd, buffer, MESSAGE) != MESSAGE) die("write");
                watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN);
            } else {
                if (read(fd, buffer, BUFFER) != MESSAGE) die("read");
                close(fd);
                whole++;
                opening(port);
            }
        }
    }
    printf("%f\n", whole / took);
}

static void pace(int port, double seconds) {
    long windows[6000] = {0}, total = 0, first = 0;
    int fd = connected(port), count = seconds * 10;
    double began = 0, last = 0;
    while (last < began + seconds) {
        ssize_t size = read(fd, buffer, BUFFER);
        if (size <= 0) die("read");
        last = now();
        if (!began) began = last, first = size;
        total += size;
        int window = (last - began) * 10;
        if (window < count) windows[window] += size;
    }
    printf("%f", (total - first) / (last - began));
    for (int i = 0; i < count; i++) printf(" %ld", windows[i]);
    printf("\n");
}

int main(int argc, char **argv) {
    double of[3] = {0};
    for (int i = 2; i < argc && i < 5; i++) of[i - 2] = atof(argv[i]);
    epoll = epoll_create1(0);
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) return 2;
    if (!strcmp(argv[1], "bulk")) bulk(of[0], of[1], of[2]);
    if (!strcmp(argv[1], "ping")) ping(of[0], of[1]);
    if (!strcmp(argv[1], "many")) many(of[0], of[1], of[2]);
    if (!strcmp(argv[1], "opens")) opens(of[0], of[1], of[2]);
    if (!strcmp(argv[1], "pace")) pace(of[0], of[1]);
    return 0;
}
