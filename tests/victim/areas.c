/* An address space from a list of areas, such as `rw:4096 +rw:100 ro:50 dc:8000`. See README.md for the kinds. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define WRITABLE (PROT_READ | PROT_WRITE)
#define KEEP (-1)

struct kind {
    const char *name;
    int protection, flags;
    int advice, later; /* KEEP: none; the protection it gets in the end */
    bool written;
    bool is_file;
};

static const struct kind kinds[] = {
    {"rw", WRITABLE, MAP_PRIVATE, KEEP, KEEP, false, false},
    {"ww", WRITABLE, MAP_PRIVATE, KEEP, KEEP, true, false},
    {"ro", PROT_READ, MAP_PRIVATE, KEEP, KEEP, false, false},
    {"wro", WRITABLE, MAP_PRIVATE, KEEP, PROT_READ, true, false},
    {"uro", WRITABLE, MAP_PRIVATE, KEEP, PROT_READ, false, false},
    {"wnone", WRITABLE, MAP_PRIVATE, KEEP, PROT_NONE, true, false},
    {"none", PROT_NONE, MAP_PRIVATE, KEEP, KEEP, false, false},
    {"late", PROT_NONE, MAP_PRIVATE, KEEP, WRITABLE, false, false},
    {"nr", WRITABLE, MAP_PRIVATE | MAP_NORESERVE, KEEP, KEEP, false, false},
    {"dc", WRITABLE, MAP_PRIVATE, MADV_DONTFORK, KEEP, false, false},
    {"wf", WRITABLE, MAP_PRIVATE, MADV_WIPEONFORK, KEEP, false, false},
    {"sh", WRITABLE, MAP_SHARED, KEEP, KEEP, false, false},
    {"file", WRITABLE, MAP_PRIVATE, KEEP, KEEP, false, true},
    {"ht", WRITABLE, MAP_PRIVATE | MAP_HUGETLB, KEEP, KEEP, false, false},
};

static const struct kind *find_kind(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

/* False if the words are not `[+]KIND:PAGES`. */
static bool parse(const char *word, const struct kind **kind, bool *follows, size_t *pages)
{
    *follows = *word == '+';
    word += *follows;
    const char *colon = strchr(word, ':');
    char *rest;
    *kind = colon ? find_kind(word, (size_t)(colon - word)) : NULL;
    *pages = colon ? strtoull(colon + 1, &rest, 10) : 0;
    return *kind != NULL && *pages > 0 && *rest == '\0';
}

static bool finish_kind(const struct kind *kind, char *start, size_t length)
{
    if (kind->written)
        *(volatile char *)start = 1;
    if (kind->advice != KEEP && madvise(start, length, kind->advice) != 0)
        return refuse(errno, "madvise");
    return kind->later == KEEP || mprotect(start, length, kind->later) == 0 || refuse(errno, "mprotect");
}

/* A mapping without a file is merged by the kernel with a neighbour of the same kind: `+` puts one beside the last. */
static bool add(struct area *area, const struct kind *kind, bool follows, size_t pages)
{
    /* Huge pages lie on their own boundaries. */
    size_t page = page_size(), huge = (size_t)2 << 20;
    if (!follows)
        area->end += page;
    if (kind->flags & MAP_HUGETLB)
        area->end += (huge - (size_t)area->end % huge) % huge;
    char *start = area->end;
    int file = kind->is_file ? memfd_create("victim", MFD_CLOEXEC) : -1;
    if (kind->is_file && (file < 0 || ftruncate(file, (off_t)(pages * page)) != 0))
        return refuse(errno, "memfd");
    /* A hint could be ignored, and a fixed address could not refuse: the area is known to be free. */
    void *got = mmap(start, pages * page, kind->protection, kind->flags | MAP_FIXED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
    int error = errno;
    if (file >= 0)
        close(file);
    if (got == MAP_FAILED)
        return refuse(error, "mmap");
    area->end += pages * page;
    return finish_kind(kind, start, pages * page);
}

bool build_areas(struct area *area, char **words, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct kind *kind;
        bool follows;
        size_t pages;
        if (!parse(words[i], &kind, &follows, &pages))
            return refuse(EINVAL, "area");
        total += pages + 1024;
    }
    area->start = area->last = area->end = area->shown_start = area->shown_end = find_space(total);
    for (size_t i = 0; area->start != NULL && i < count; i++) {
        const struct kind *kind;
        bool follows;
        size_t pages;
        parse(words[i], &kind, &follows, &pages);
        if (!add(area, kind, follows && i > 0, pages))
            return false;
    }
    return area->start != NULL;
}
