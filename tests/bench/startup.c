/*
 * startup wall RUNS PROGRAM ARGUMENT...: the wall time of each run from fork to end, in nanoseconds.
 * startup memory PROGRAM ARGUMENT...: "PEAK_KIB RESIDENT_KIB ANONYMOUS_KIB" of one run at the moment it ends.
 * The program's output goes to /dev/null.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static pid_t start(char **program, int traced)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (traced)
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execvp(program[0], program);
    _exit(127);
}

static int wall(long runs, char **program)
{
    for (long i = 0; i < runs; i++) {
        int status;
        long before = now();
        pid_t child = start(program, 0);
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
            return 1;
        printf("%ld\n", now() - before);
    }
    return 0;
}

static long kib_of(const char *status, const char *field)
{
    const char *at = strstr(status, field);
    return at == NULL ? -1 : strtol(at + strlen(field), NULL, 10);
}

static void print_memory(pid_t pid)
{
    char path[64], text[8192];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    printf("%ld %ld %ld\n", kib_of(text, "VmHWM:"), kib_of(text, "VmRSS:"), kib_of(text, "RssAnon:"));
}

/* The kernel stops a traced process on its way out while it still has its memory. Its threads are let run. */
static int memory(char **program)
{
    int status;
    pid_t child = start(program, 1), pid;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return 1;
    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
    ptrace(PTRACE_CONT, child, NULL, NULL);
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (!WIFSTOPPED(status))
            continue;
        int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXIT && pid == child)
            print_memory(child);
        ptrace(PTRACE_CONT, pid, NULL, event == 0 && signal != SIGTRAP ? (void *)(long)signal : NULL);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count >= 4 && strcmp(arguments[1], "wall") == 0)
        return wall(atol(arguments[2]), arguments + 3);
    if (count >= 3 && strcmp(arguments[1], "memory") == 0)
        return memory(arguments + 2);
    fputs("usage: startup wall RUNS PROGRAM ARGUMENT... | startup memory PROGRAM ARGUMENT...\n", stderr);
    return 2;
}
