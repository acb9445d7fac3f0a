/*
 * ranges shared|reserved PROCESSES MIB AREAS: processes whose large mapping moves by a page every 50 ms, so that no
 * earlier reading of its range holds. shared: they map one memfd of so many MiB, privately, and have read all of it.
 * reserved: each has a reservation (PROT_NONE) of so many MiB. AREAS: small mappings that each has besides. As load, it
 * prints "ready COUNT" and ends with its input.
 */
#define _GNU_SOURCE
#include "children.h"
#include <string.h>

/* The mapping moves up so many pages, and then back. */
enum { WAY = 64 };

static bool shared;
static int file = -1;
static size_t bytes, areas, page, position;
static char *base;

static char *map(char *at, size_t length)
{
    int protection = shared ? PROT_READ | PROT_WRITE : PROT_NONE;
    int flags = MAP_PRIVATE | MAP_FIXED | (shared ? 0 : MAP_ANONYMOUS | MAP_NORESERVE);
    return mmap(at, length, protection, flags, file, shared ? at - base : 0);
}

static bool make_file(void)
{
    static char block[1 << 20];
    file = memfd_create("ranges", MFD_CLOEXEC);
    for (size_t i = 0; i < bytes + WAY * page; i += sizeof block)
        if (write(file, block, sizeof block) != sizeof block)
            return false;
    return true;
}

static bool prepare(size_t index)
{
    (void)index;
    prctl(PR_SET_NAME, "ranges");
    base = mmap(NULL, bytes + WAY * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    /* The small ones lie below, so that smaps has them first, and not where the large one moves to. */
    if (base == MAP_FAILED || !make_areas(areas))
        return false;
    if (munmap(base, bytes + WAY * page) != 0 || map(base, bytes) == MAP_FAILED)
        return false;
    /* Reads: a page of the file that is written to would be copied. */
    for (size_t i = 0; shared && i < bytes; i += page)
        (void)((volatile char *)base)[i];
    return true;
}

static void live(void)
{
    sleep_milliseconds(50);
    if (position < WAY) {
        map(base + bytes + position * page, page);
        munmap(base + position * page, page);
        position++;
    } else {
        map(base, WAY * page);
        munmap(base + bytes, WAY * page);
        position = 0;
    }
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fputs("usage: ranges shared|reserved PROCESSES MIB AREAS\n", stderr);
        return 2;
    }
    shared = strcmp(arguments[1], "shared") == 0;
    page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = strtoull(arguments[3], NULL, 10) << 20;
    areas = strtoull(arguments[4], NULL, 10);
    if (shared && !make_file()) {
        perror("memfd");
        return 1;
    }
    return run_children(strtoull(arguments[2], NULL, 10), prepare, live);
}
