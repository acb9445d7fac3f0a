/*
 * load [OPTION VALUE]...: starts processes that sleep, prints "ready COUNT" once all of them stand, and ends them and
 * itself at the end of its input. Every child dies with this process whatever ends it, and by itself after an hour.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES, AREAS, TOUCH_KIB, WIDE, WIDE_AREAS, LARGE, LARGE_MIB, OPTIONS };

static const char *const names[OPTIONS] = {
    [PROCESSES] = "--processes", [AREAS] = "--areas",  [TOUCH_KIB] = "--touch-kib", [WIDE] = "--wide",
    [WIDE_AREAS] = "--wide-areas", [LARGE] = "--large", [LARGE_MIB] = "--large-mib",
};

/* An ordinary process of a node has some dozens to hundreds of mappings and some MiB; the C library adds about 20. */
static size_t option[OPTIONS] = {
    [PROCESSES] = 1000, [AREAS] = 60, [TOUCH_KIB] = 2048, [WIDE] = 3, [WIDE_AREAS] = 10000, [LARGE] = 2, [LARGE_MIB] = 1024,
};

static bool make_areas(size_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < count; i++) {
        /* Neighbours that differ do not merge. */
        int protection = i % 2 == 0 ? PROT_READ : PROT_READ | PROT_WRITE;
        char *area = mmap(NULL, page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (area == MAP_FAILED)
            return false;
        if (protection & PROT_WRITE)
            *(volatile char *)area = 1;
    }
    return true;
}

static bool make_resident(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return false;
    for (size_t i = 0; i < bytes; i += page)
        ((volatile char *)area)[i] = 1;
    return true;
}

static void be_child(size_t index, pid_t parent, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    alarm(3600);
    close(STDIN_FILENO);
    /* Pages of 4 KiB, as the databases ask for that have a GiB. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    bool wide = index < option[WIDE];
    bool large = !wide && index < option[WIDE] + option[LARGE];
    prctl(PR_SET_NAME, wide ? "load-wide" : large ? "load-large" : "load");
    bool stands = make_areas(wide ? option[WIDE_AREAS] : option[AREAS])
        && make_resident(large ? option[LARGE_MIB] << 20 : option[TOUCH_KIB] << 10);
    if (write(ready, stands ? "+" : "-", 1) != 1 || !stands)
        _exit(1);
    close(ready);
    for (;;)
        pause();
}

static bool parse(int count, char **arguments)
{
    for (int i = 1; i + 1 < count; i += 2) {
        int o = 0;
        while (o < OPTIONS && strcmp(names[o], arguments[i]) != 0)
            o++;
        char *end;
        size_t value = strtoull(arguments[i + 1], &end, 10);
        if (o == OPTIONS || *end != '\0')
            return false;
        option[o] = value;
    }
    return count % 2 == 1 && option[PROCESSES] <= 4000;
}

int main(int count, char **arguments)
{
    if (!parse(count, arguments)) {
        fputs("usage: load [--processes N] [--areas N] [--touch-kib N] [--wide N] [--wide-areas N] [--large N] [--large-mib N]\n", stderr);
        return 2;
    }
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0)
        return 1;
    pid_t self = getpid();
    signal(SIGCHLD, SIG_IGN);
    for (size_t i = 0; i < option[PROCESSES]; i++) {
        pid_t child = fork();
        if (child < 0) {
            perror("fork");
            return 1;
        }
        if (child == 0)
            be_child(i, self, ready[1]);
    }
    close(ready[1]);
    for (size_t i = 0; i < option[PROCESSES]; i++) {
        char answer;
        if (read(ready[0], &answer, 1) != 1 || answer != '+') {
            fputs("a process could not be made as wanted\n", stderr);
            return 1;
        }
    }
    printf("ready %zu\n", option[PROCESSES]);
    fflush(stdout);
    char rest[64];
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        ;
    return 0;
}
