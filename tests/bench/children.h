/*
 * Shared by the loads: makes processes that stand until the end of this one's input. They die with this process however
 * it ends, and by themselves after an hour.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* The 20 or so mappings of the C library come on top. Neighbours that differ do not merge. */
static inline bool make_areas(size_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < count; i++) {
        int protection = i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE;
        char *area = mmap(NULL, page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (area == MAP_FAILED)
            return false;
        if (protection & PROT_WRITE)
            *(volatile char *)area = 1;
    }
    return true;
}

static inline void sleep_milliseconds(long milliseconds)
{
    struct timespec t = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static inline void be_child(size_t index, pid_t parent, int ready, bool (*prepare)(size_t), void (*live)(void))
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    alarm(3600);
    close(STDIN_FILENO);
    /* Pages of 4 KiB, as the databases ask for that have a GiB. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    bool stands = prepare(index);
    if (write(ready, stands ? "+" : "-", 1) != 1 || !stands)
        _exit(1);
    close(ready);
    for (;;)
        live();
}

/* Prints "ready COUNT" once all children have prepared, and returns at the end of the input. live is called in a loop. */
static inline int run_children(size_t count, bool (*prepare)(size_t), void (*live)(void))
{
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0)
        return 1;
    pid_t self = getpid();
    signal(SIGCHLD, SIG_IGN);
    for (size_t i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0) {
            perror("fork");
            return 1;
        }
        if (child == 0)
            be_child(i, self, ready[1], prepare, live);
    }
    close(ready[1]);
    for (size_t i = 0; i < count; i++) {
        char answer;
        if (read(ready[0], &answer, 1) != 1 || answer != '+') {
            fputs("a process could not be made as wanted\n", stderr);
            return 1;
        }
    }
    printf("ready %zu\n", count);
    fflush(stdout);
    char rest[64];
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        ;
    return 0;
}

#endif
