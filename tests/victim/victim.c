/* victim [--name NAME] LAYOUT PAGES, or areas AREA...: makes the layout, says so, and obeys one command a line. See
   README.md. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <signal.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

/* Pages that one page table maps, on processors of 64 bits with pages of 4 KiB. */
#define TABLE_PAGES 512

/* For threads of which only their number matters. */
#define SMALL_STACK ((size_t)64 << 10)

static pid_t parent;

const char *error_name(int error)
{
    switch (error) {
    case 0: return "";
    case EPERM: return "EPERM";
    case EAGAIN: return "EAGAIN";
    case ENOMEM: return "ENOMEM";
    case EACCES: return "EACCES";
    case EFAULT: return "EFAULT";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case ENOSYS: return "ENOSYS";
    default: return "other";
    }
}

/* PR_SET_PDEATHSIG speaks of the thread that started this process: a pool thread may end while its program lives. */
static void end_with_parent(int signal)
{
    (void)signal;
    if (getppid() != parent)
        _exit(0);
}

static void bind_to_parent(void)
{
    struct sigaction action = {.sa_handler = end_with_parent, .sa_flags = SA_RESTART};
    parent = getppid();
    sigaction(SIGUSR1, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
}

static void answer(const char *command, int error)
{
    printf("%s %d%s%s\n", command, error, error == 0 ? "" : " ", error_name(error));
}

static void answer_refusal(void)
{
    const char *name = error_name(refusal.error);
    printf("failed %d%s%s %s\n", refusal.error, *name ? " " : "", name, refusal.what);
}

static void grow(struct area *area, size_t pages)
{
    if (area->start == NULL) {
        refuse(EINVAL, "nothing-to-grow");
        answer_refusal();
    } else if (!(area->is_brk ? grow_brk(area, pages) : grow_mapping(area, pages))) {
        answer_refusal();
    } else if (!is_one_vma(area->is_brk ? area->shown_start : area->last, area->end)) {
        refuse(0, "not-merged");
        answer_refusal();
    } else {
        printf("grown %zx %zx\n", (size_t)area->shown_start, (size_t)area->shown_end);
    }
}

/* Writes so many pages, one in each `stride` pages. */
static int touch(const struct area *area, size_t pages, size_t stride)
{
    size_t page = page_size() * stride;
    if (!area->writable)
        return EACCES;
    if (pages > (size_t)(area->shown_end - area->shown_start) / page)
        return EINVAL;
    /* The heap holds the C library's own data: only what the layout added is overwritten, from its start. */
    char *from = area->is_brk ? area->start : area->shown_start;
    for (size_t i = 0; i < pages && from + i * page < area->shown_end; i++)
        ((volatile char *)from)[i * page] = 1;
    return 0;
}

static int advise(const struct area *area, int advice)
{
    return madvise(area->start, (size_t)(area->end - area->start), advice) == 0 ? 0 : errno;
}

static void leave(struct area *area);

static bool obey(struct area *area, const char *line)
{
    char command[16] = "";
    size_t pages = 0;
    sscanf(line, "%15s %zu", command, &pages);
    if (strcmp(command, "exit") == 0)
        return false;
    if (strcmp(command, "fork") == 0)
        answer(command, try_fork());
    else if (strcmp(command, "keep") == 0)
        answer(command, keep_child());
    else if (strcmp(command, "workers") == 0)
        answer(command, start_workers(pages));
    else if (strcmp(command, "share") == 0)
        answer(command, share_child());
    else if (strcmp(command, "zombie") == 0)
        answer(command, leave_zombie());
    else if (strcmp(command, "leak") == 0)
        answer(command, leak_zombies(pages));
    else if (strcmp(command, "leave") == 0)
        leave(area);
    else if (strcmp(command, "end") == 0)
        answer(command, end_child());
    else if (strcmp(command, "vfork") == 0)
        answer(command, try_vfork());
    else if (strcmp(command, "spawn") == 0)
        answer(command, try_spawn());
    else if (strcmp(command, "thread") == 0)
        answer(command, try_thread());
    else if (strcmp(command, "hold") == 0)
        answer(command, hold_threads(pages, SMALL_STACK));
    else if (strcmp(command, "stacks") == 0)
        answer(command, hold_threads(pages, 0));
    else if (strcmp(command, "grow") == 0)
        grow(area, pages);
    else if (strcmp(command, "touch") == 0)
        answer(command, touch(area, pages, 1));
    else if (strcmp(command, "scatter") == 0)
        answer(command, touch(area, pages, TABLE_PAGES));
    else if (strcmp(command, "pageout") == 0)
        answer(command, advise(area, MADV_PAGEOUT));
    else if (strcmp(command, "free") == 0)
        answer(command, release(area) ? 0 : refusal.error);
    else if (strcmp(command, "dontfork") == 0)
        answer(command, advise(area, MADV_DONTFORK));
    else if (strcmp(command, "dofork") == 0)
        answer(command, advise(area, MADV_DOFORK));
    else
        printf("failed %d EINVAL unknown-command\n", EINVAL);
    return true;
}

static void obey_all(struct area *area)
{
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL && obey(area, line))
        ;
    exit(0);
}

static void *go_on(void *area)
{
    answer("leave", 0);
    obey_all(area);
    return NULL;
}

/* The main thread exits, and another one goes on: the process is in state Z, and has its memory. */
static void leave(struct area *area)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, go_on, area);
    if (error == 0)
        pthread_exit(NULL);
    answer("leave", error);
}

/* Static buffers, and the allocator's first growth of the heap done now: afterwards nothing moves by itself. */
static void settle(void)
{
    static char input[4096], output[4096];
    setvbuf(stdin, input, _IOFBF, sizeof input);
    setvbuf(stdout, output, _IOLBF, sizeof output);
    void *volatile first = malloc(4096);
    free(first);
    /* Otherwise a write makes 512 pages resident instead of one; the process-wide switch leaves no flag on the VMA. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

static int usage(void)
{
    fputs("usage: victim [--name NAME] LAYOUT PAGES | [--name NAME] areas AREA... | --list\n", stderr);
    return 2;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "--exit") == 0)
        return 0;
    if (count == 2 && strcmp(arguments[1], "--list") == 0) {
        list_layouts(stdout);
        return 0;
    }
    if (count >= 5 && strcmp(arguments[1], "--name") == 0) {
        prctl(PR_SET_NAME, arguments[2]);
        arguments += 2;
        count -= 2;
    }
    bool are_areas = count >= 3 && strcmp(arguments[1], "areas") == 0;
    const struct layout *layout = count == 3 && !are_areas ? find_layout(arguments[1]) : NULL;
    char *rest = "";
    size_t pages = layout != NULL ? strtoull(arguments[2], &rest, 10) : 0;
    if (!are_areas && (layout == NULL || *rest != '\0' || (pages == 0 && strcmp(layout->name, "idle") != 0)))
        return usage();

    bind_to_parent();
    settle();
    /* Static: it outlives the main thread's stack. */
    static struct area area;
    if (!(are_areas ? build_areas(&area, arguments + 2, (size_t)count - 2) : layout->build(&area, pages))) {
        answer_refusal();
        return 1;
    }
    printf("ready %d %zx %zx\n", (int)getpid(), (size_t)area.shown_start, (size_t)area.shown_end);

    obey_all(&area);
}
