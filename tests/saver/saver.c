/* A program that saves by forking, as Redis does: it holds memory, forks, and writes to its memory while the child lives.
 * Usage: saver PROGRESS. PROGRESS is a file of one page, mapped shared: the pages rewritten so far, which outlives a kill.
 * saver PROGRESS show: prints that number.
 * Commands on standard input, each answered by one line: `COMMAND 0 [NUMBER]`, or the errno in place of 0.
 *   anon PAGES     maps and touches so many pages of 4 KiB        huge PAGES    the same in huge pages
 *   dontfork PAGES the same, which forks leave out
 *   sparse TABLES  touches one page in each 2 MiB of a reservation: page tables and little else
 *   unwritten TABLES the same, but only reads: page tables and no page
 *   shared PAGES   maps and touches shared memory                 areas COUNT   that many mappings of one touched page
 *   reclaimed TABLES the same as sparse in a shared file, which is then emptied: page tables without a page
 *   dentries COUNT looks up so many files that do not exist, each by a long name: slabs
 *   file PATH PAGES writes and syncs a file of so many pages, or a device: clean page cache
 *   dirty PATH PAGES writes a file of so many pages: dirty page cache
 *   fork           forks a child that stays; NUMBER is its pid    end           ends the child and collects it
 *   clone          makes a child that shares the memory (CLONE_VM); NUMBER is its pid
 *   fork-time      forks a child that ends; NUMBER is how many microseconds the parent stood still
 *   rewrite PAGES  writes to so many pages of `anon` or `huge`, from its beginning
 *   unkillable     oom_score_adj -1000                            first         oom_score_adj 1000 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define HUGE ((size_t)2 << 20)

static volatile uint64_t *progress;
static char *held;
static pid_t child;

static void *map(size_t length, int flags)
{
    void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static int hold(size_t pages, int advice)
{
    char *at = map(pages * PAGE + HUGE, MAP_PRIVATE);
    if (at == NULL)
        return errno;
    at += (HUGE - (uintptr_t)at % HUGE) % HUGE;
    if (madvise(at, pages * PAGE, advice) != 0)
        return errno;
    for (size_t i = 0; i < pages; i++)
        at[i * PAGE] = 1;
    held = at;
    return 0;
}

static int touch_sparsely(size_t tables, int writes)
{
    char *at = map(tables * HUGE, MAP_PRIVATE);
    if (at == NULL || madvise(at, tables * HUGE, MADV_NOHUGEPAGE) != 0)
        return errno;
    for (size_t i = 0; i < tables; i++)
        if (writes)
            at[i * HUGE] = 1;
        else if (((volatile char *)at)[i * HUGE] != 0)
            return EIO;
    return 0;
}

static int share(size_t pages)
{
    char *at = map(pages * PAGE, MAP_SHARED);
    if (at == NULL)
        return errno;
    for (size_t i = 0; i < pages; i++)
        at[i * PAGE] = 1;
    return 0;
}

static int empty_shared_file(size_t tables)
{
    int fd = memfd_create("reclaimed", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)(tables * HUGE)) != 0)
        return errno;
    char *at = mmap(NULL, tables * HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    for (size_t i = 0; i < tables; i++)
        at[i * HUGE] = 1;
    return ftruncate(fd, 0) != 0 ? errno : 0;
}

static int look_up(size_t count)
{
    char path[256];
    struct stat found;
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/tmp/forkguard-saver-%d-%0200zu", getpid(), i);
        if (stat(path, &found) == 0 || errno != ENOENT)
            return EEXIST;
    }
    return 0;
}

/* Neighbours of different protection do not merge. */
static int scatter(size_t count)
{
    char *at = map(2 * count * PAGE, MAP_PRIVATE);
    if (at == NULL)
        return errno;
    for (size_t i = 0; i < count; i++) {
        at[2 * i * PAGE] = 1;
        if (mprotect(at + (2 * i + 1) * PAGE, PAGE, PROT_NONE) != 0)
            return errno;
    }
    return 0;
}

/* The file stays open: the page cache of a block device goes with the last descriptor. */
static int fill_cache(const char *path, size_t pages, int syncs)
{
    static char page[PAGE];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    for (size_t i = 0; i < pages; i++)
        if (write(fd, page, PAGE) != (ssize_t)PAGE)
            return errno;
    return syncs && fsync(fd) != 0 ? errno : 0;
}

/* A killed parent must not leave a child that holds the cgroup and the pipe open, also one that has not run yet. */
static int wait_for_parent(void *parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == *(pid_t *)parent)
        pause();
    _exit(0);
}

static int make_child(int64_t *pid)
{
    pid_t parent = getpid();
    child = fork();
    if (child < 0)
        return errno;
    if (child == 0)
        wait_for_parent(&parent);
    *pid = child;
    return 0;
}

static int make_clone(int64_t *pid)
{
    static char stack[1 << 16];
    static pid_t parent;
    parent = getpid();
    child = clone(wait_for_parent, stack + sizeof stack, CLONE_VM | SIGCHLD, &parent);
    *pid = child;
    return child < 0 ? errno : 0;
}

static int time_fork(int64_t *microseconds)
{
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    pid_t made = fork();
    clock_gettime(CLOCK_MONOTONIC, &after);
    if (made == 0)
        _exit(0);
    if (made < 0)
        return errno;
    waitpid(made, NULL, 0);
    *microseconds = (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
    return 0;
}

static int end_child(void)
{
    return child <= 0 || kill(child, SIGKILL) != 0 || waitpid(child, NULL, 0) < 0 ? errno : 0;
}

static int rewrite(size_t pages)
{
    for (size_t i = 0; i < pages; i++) {
        ((volatile char *)held)[i * PAGE]++;
        *progress = i + 1;
    }
    return 0;
}

static int set_score(const char *score)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    int failed = fd < 0 || write(fd, score, strlen(score)) < 0 ? errno : 0;
    close(fd);
    return failed;
}

static int obey(const char *command, size_t count, const char *path, int64_t *number)
{
    if (strcmp(command, "anon") == 0)
        return hold(count, MADV_NOHUGEPAGE);
    if (strcmp(command, "huge") == 0)
        return hold(count, MADV_HUGEPAGE);
    if (strcmp(command, "dontfork") == 0)
        return hold(count, MADV_DONTFORK);
    if (strcmp(command, "sparse") == 0)
        return touch_sparsely(count, 1);
    if (strcmp(command, "unwritten") == 0)
        return touch_sparsely(count, 0);
    if (strcmp(command, "shared") == 0)
        return share(count);
    if (strcmp(command, "areas") == 0)
        return scatter(count);
    if (strcmp(command, "file") == 0)
        return fill_cache(path, count, 1);
    if (strcmp(command, "dirty") == 0)
        return fill_cache(path, count, 0);
    if (strcmp(command, "reclaimed") == 0)
        return empty_shared_file(count);
    if (strcmp(command, "dentries") == 0)
        return look_up(count);
    if (strcmp(command, "fork") == 0)
        return make_child(number);
    if (strcmp(command, "clone") == 0)
        return make_clone(number);
    if (strcmp(command, "fork-time") == 0)
        return time_fork(number);
    if (strcmp(command, "end") == 0)
        return end_child();
    if (strcmp(command, "rewrite") == 0)
        return rewrite(count);
    if (strcmp(command, "unkillable") == 0)
        return set_score("-1000");
    if (strcmp(command, "first") == 0)
        return set_score("1000");
    return EINVAL;
}

int main(int argc, char **argv)
{
    char line[512], command[32], path[256];
    int shows = argc == 3 && strcmp(argv[2], "show") == 0;
    int fd = argc == 2 || shows ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0 || ftruncate(fd, PAGE) != 0)
        return 2;
    progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (progress == MAP_FAILED)
        return 2;
    if (shows)
        return printf("%llu\n", (unsigned long long)*progress) < 0;
    *progress = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t count = 0;
        int64_t number = 0;
        if (sscanf(line, "file %255s %zu", path, &count) == 2)
            strcpy(command, "file");
        else if (sscanf(line, "dirty %255s %zu", path, &count) == 2)
            strcpy(command, "dirty");
        else if (sscanf(line, "%31s %zu", command, &count) < 1)
            return 2;
        int failed = obey(command, count, path, &number);
        printf("%s %d %lld\n", command, failed, (long long)number);
        fflush(stdout);
    }
    return 0;
}
