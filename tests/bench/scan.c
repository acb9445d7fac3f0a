/*
 * scan plain|held|smaps PACE_MS COUNT: what ForkGuard's scan is measured against. Scans so many times at that pace
 * (0: back to back) and prints for each scan "NANOSECONDS PROCESSES MAPS SMAPS", its own CPU time first.
 *
 * plain: the sieve, statm of every process opened, read and closed. held: the same with statm held open. Both read the
 * mode and the limit anew at each scan and maps of a process whose size could matter, as ForkGuard does.
 * smaps: every smaps, from its first to its last byte, and what it says is charged.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PIDS = 1 << 16, LEVEL_PERCENT = 60 };

struct entry {
    unsigned long inode;
    long offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static int pids[MOST_PIDS], pid_count;
static int held_pids[MOST_PIDS], held[MOST_PIDS], held_count;
static int maps_reads, smaps_reads;
static char buffer[64 * 1024];

static int open_of(int pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static size_t read_small(const char *path, char *into, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, into, size - 1);
    if (fd >= 0)
        close(fd);
    into[n < 0 ? 0 : n] = '\0';
    return n < 0 ? 0 : (size_t)n;
}

static unsigned long limit_pages(void)
{
    read_small("/proc/sys/vm/overcommit_memory", buffer, sizeof buffer);
    read_small("/proc/sys/vm/admin_reserve_kbytes", buffer, sizeof buffer);
    read_small("/proc/sys/vm/user_reserve_kbytes", buffer, sizeof buffer);
    read_small("/proc/sys/vm/overcommit_kbytes", buffer, sizeof buffer);
    read_small("/proc/sys/vm/overcommit_ratio", buffer, sizeof buffer);
    read_small("/proc/meminfo", buffer, sizeof buffer);
    const char *ram = strstr(buffer, "MemTotal:"), *swap = strstr(buffer, "SwapTotal:");
    unsigned long kib = ram && swap ? strtoul(ram + 9, NULL, 10) + strtoul(swap + 10, NULL, 10) : 0;
    return kib / 4;
}

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void list_pids(int proc)
{
    long n;
    bool sorted = true;
    pid_count = 0;
    lseek(proc, 0, SEEK_SET);
    while ((n = syscall(SYS_getdents64, proc, buffer, 32 * 1024)) > 0) {
        for (long at = 0; at < n;) {
            const struct entry *e = (const struct entry *)(buffer + at);
            at += e->length;
            if (e->name[0] >= '1' && e->name[0] <= '9' && pid_count < MOST_PIDS) {
                pids[pid_count] = atoi(e->name);
                sorted &= pid_count == 0 || pids[pid_count - 1] < pids[pid_count];
                pid_count++;
            }
        }
    }
    if (!sorted)
        qsort(pids, (size_t)pid_count, sizeof *pids, ascending);
}

/* The largest private mapping, in pages. */
static unsigned long largest_of_maps(int pid)
{
    int fd = open_of(pid, "maps");
    if (fd < 0)
        return 0;
    maps_reads++;
    size_t kept = 0;
    ssize_t n;
    unsigned long largest = 0;
    while ((n = read(fd, buffer + kept, sizeof buffer - 1 - kept)) > 0) {
        char *line = buffer, *newline;
        buffer[kept + (size_t)n] = '\0';
        while ((newline = strchr(line, '\n')) != NULL) {
            char *rest;
            unsigned long start = strtoul(line, &rest, 16), end = strtoul(rest + 1, &rest, 16);
            if (rest[4] == 'p' && (end - start) / 4096 > largest)
                largest = (end - start) / 4096;
            line = newline + 1;
        }
        kept = strlen(line);
        memmove(buffer, line, kept);
    }
    close(fd);
    return largest;
}

static void judge(int pid, unsigned long pages, unsigned long limit)
{
    static volatile unsigned long loud;
    if (pages >= limit / 100 * LEVEL_PERCENT && largest_of_maps(pid) >= limit / 100 * LEVEL_PERCENT)
        loud++;
}

static void scan_plain(int proc)
{
    unsigned long limit = limit_pages();
    list_pids(proc);
    for (int i = 0; i < pid_count; i++) {
        char text[256];
        int fd = open_of(pids[i], "statm");
        if (fd < 0)
            continue;
        ssize_t n = read(fd, text, sizeof text - 1);
        close(fd);
        text[n < 0 ? 0 : n] = '\0';
        judge(pids[i], strtoul(text, NULL, 10), limit);
    }
}

static void scan_held(int proc)
{
    static int new_held[MOST_PIDS];
    unsigned long limit = limit_pages();
    list_pids(proc);
    int old = 0;
    for (int i = 0; i < pid_count; i++) {
        while (old < held_count && held_pids[old] < pids[i])
            close(held[old++]);
        new_held[i] = old < held_count && held_pids[old] == pids[i] ? held[old++] : -1;
    }
    while (old < held_count)
        close(held[old++]);
    held_count = pid_count;
    memcpy(held_pids, pids, (size_t)pid_count * sizeof *pids);
    memcpy(held, new_held, (size_t)pid_count * sizeof *held);
    for (int i = 0; i < pid_count; i++) {
        char text[256];
        ssize_t n = held[i] < 0 ? -1 : pread(held[i], text, sizeof text - 1, 0);
        if (n <= 0) {
            if (held[i] >= 0)
                close(held[i]);
            held[i] = open_of(pids[i], "statm");
            n = held[i] < 0 ? -1 : pread(held[i], text, sizeof text - 1, 0);
        }
        text[n < 0 ? 0 : n] = '\0';
        judge(pids[i], strtoul(text, NULL, 10), limit);
    }
}

/* As a straightforward C program would: getline, and the flags of each area. */
static void scan_smaps(int proc)
{
    static char *line;
    static size_t size;
    static volatile unsigned long worst;
    list_pids(proc);
    for (int i = 0; i < pid_count; i++) {
        int fd = open_of(pids[i], "smaps");
        FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
        if (file == NULL)
            continue;
        smaps_reads++;
        unsigned long length = 0;
        while (getline(&line, &size, file) > 0) {
            if (line[0] == 'V' && strncmp(line, "VmFlags:", 8) == 0) {
                if (strstr(line, " ac") != NULL && strstr(line, " dc") == NULL && length > worst)
                    worst = length;
            } else if (line[0] < 'A' || line[0] > 'Z') {
                char *rest;
                unsigned long start = strtoul(line, &rest, 16);
                length = strtoul(rest + 1, NULL, 16) - start;
            }
        }
        fclose(file);
    }
}

static long cpu_nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

int main(int count, char **arguments)
{
    void (*how)(int) = NULL;
    if (count == 4)
        how = strcmp(arguments[1], "plain") == 0  ? scan_plain
            : strcmp(arguments[1], "held") == 0   ? scan_held
            : strcmp(arguments[1], "smaps") == 0  ? scan_smaps
                                                  : NULL;
    if (how == NULL) {
        fputs("usage: scan plain|held|smaps PACE_MS COUNT\n", stderr);
        return 2;
    }
    long pace = atol(arguments[2]), scans = atol(arguments[3]);
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long i = 0; i < scans; i++) {
        maps_reads = smaps_reads = 0;
        long before = cpu_nanoseconds();
        how(proc);
        long used = cpu_nanoseconds() - before;
        printf("%ld %d %d %d\n", used, pid_count, maps_reads, smaps_reads);
        if (pace > 0 && i + 1 < scans) {
            next.tv_nsec += pace % 1000 * 1000000;
            next.tv_sec += pace / 1000 + next.tv_nsec / 1000000000;
            next.tv_nsec %= 1000000000;
            while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
                ;
        }
    }
    return 0;
}
