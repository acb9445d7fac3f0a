/* Every layout, each a way past (or not past) the one-charge limit of overcommit mode 0. */
#define _GNU_SOURCE
#include "victim.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define WRITABLE (PROT_READ | PROT_WRITE)

static size_t piece_pages(void)
{
    return ((size_t)128 << 20) / page_size();
}

static bool begin(struct area *area, size_t pages)
{
    char *space = find_space(pages);
    area->start = area->last = area->end = area->shown_start = area->shown_end = space;
    area->writable = true;
    return space != NULL;
}

/* The layout is one VMA from the start of the area to its end, or it is not what was asked for. */
static bool finish(struct area *area)
{
    area->shown_end = area->end;
    return is_one_vma(area->start, area->end) || refuse(0, "not-merged");
}

static bool map_merged(struct area *area, size_t pages, int flags)
{
    return begin(area, pages) && map_pieces(area, pages, piece_pages(), WRITABLE, ANONYMOUS | flags, -1) && finish(area);
}

static bool advise(struct area *area, int advice, const char *what)
{
    return madvise(area->start, (size_t)(area->end - area->start), advice) == 0 || refuse(errno, what);
}

static bool protect(struct area *area, int protection)
{
    area->writable = (protection & PROT_WRITE) != 0;
    return mprotect(area->start, (size_t)(area->end - area->start), protection) == 0 || refuse(errno, "mprotect");
}

static bool build_idle(struct area *area, size_t pages)
{
    (void)area, (void)pages;
    return true;
}

static bool build_merged(struct area *area, size_t pages)
{
    return map_merged(area, pages, 0);
}

static bool build_single(struct area *area, size_t pages)
{
    return begin(area, pages) && map_pieces(area, pages, limit_pages(), WRITABLE, ANONYMOUS, -1) && finish(area);
}

static bool build_scattered(struct area *area, size_t pages)
{
    size_t piece = piece_pages(), pieces = (pages + piece - 1) / piece;
    if (!begin(area, pages + pieces))
        return false;
    for (size_t done = 0; done < pages; done += piece) {
        if (done > 0 && !map_pieces(area, 1, 1, PROT_NONE, ANONYMOUS, -1))
            return false;
        area->last = area->end;
        if (!map_pieces(area, pages - done < piece ? pages - done : piece, piece, WRITABLE, ANONYMOUS, -1))
            return false;
        if (done == 0)
            area->shown_end = area->end;
    }
    return is_one_vma(area->shown_start, area->shown_end) || refuse(0, "not-scattered");
}

static bool build_noreserve(struct area *area, size_t pages)
{
    return map_merged(area, pages, MAP_NORESERVE);
}

static bool build_dontfork(struct area *area, size_t pages)
{
    return map_merged(area, pages, 0) && advise(area, MADV_DONTFORK, "madvise-dontfork") && finish(area);
}

static bool build_dontfork_middle(struct area *area, size_t pages)
{
    if (!map_merged(area, pages, 0))
        return false;
    char *middle = area->start + pages / 2 * page_size();
    if (madvise(middle, page_size(), MADV_DONTFORK) != 0)
        return refuse(errno, "madvise-dontfork");
    area->last = middle + page_size();
    area->shown_end = middle;
    return is_one_vma(area->start, middle) || refuse(0, "not-split");
}

static bool build_wipeonfork(struct area *area, size_t pages)
{
    return map_merged(area, pages, 0) && advise(area, MADV_WIPEONFORK, "madvise-wipeonfork") && finish(area);
}

static bool build_written(struct area *area, size_t pages, int protection)
{
    if (!map_merged(area, pages, 0))
        return false;
    *(volatile char *)area->start = 1;
    return protect(area, protection) && finish(area);
}

static bool build_written_readonly(struct area *area, size_t pages)
{
    return build_written(area, pages, PROT_READ);
}

static bool build_written_none(struct area *area, size_t pages)
{
    return build_written(area, pages, PROT_NONE);
}

static bool build_readonly(struct area *area, size_t pages)
{
    return map_merged(area, pages, 0) && protect(area, PROT_READ) && finish(area);
}

static bool build_reserved(struct area *area, size_t pages)
{
    if (!begin(area, pages) || !map_pieces(area, pages, pages, PROT_NONE, ANONYMOUS, -1))
        return false;
    area->writable = false;
    return finish(area);
}

static bool build_mremap(struct area *area, size_t pages)
{
    size_t half = (pages + 1) / 2;
    return begin(area, pages) && map_pieces(area, half, limit_pages(), WRITABLE, ANONYMOUS, -1) &&
           grow_mapping(area, pages - half) && finish(area);
}

static bool build_brk(struct area *area, size_t pages)
{
    size_t page = page_size();
    char *start, *end;
    /* The C library has put its own few pages on the heap already: they are part of the VMA and count. */
    if (!find_vma((char *)sbrk(0) - 1, &start, &end))
        return refuse(0, "no-heap");
    size_t already = (size_t)(end - start) / page;
    if (pages < already)
        return refuse(0, "heap-is-larger");
    *area = (struct area){.start = end, .end = end, .shown_start = start, .shown_end = end, .writable = true, .is_brk = true};
    if (!grow_brk(area, pages - already))
        return false;
    return is_one_vma(area->shown_start, area->shown_end) || refuse(0, "not-merged");
}

static bool build_memfd(struct area *area, size_t pages)
{
    size_t half = (pages + 1) / 2, limit = limit_pages();
    int fd = memfd_create("victim", MFD_CLOEXEC);
    if (fd < 0)
        return refuse(errno, "memfd");
    /* Sparse, and long enough for any `grow`: a page behind the end of its file cannot be touched. */
    bool done = (ftruncate(fd, (off_t)1 << 46) == 0 || refuse(errno, "ftruncate")) && begin(area, pages) &&
                map_pieces(area, pages, half < limit ? half : limit, WRITABLE, MAP_PRIVATE, fd) && finish(area);
    close(fd);
    return done;
}

static bool build_mprotect_pieces(struct area *area, size_t pages)
{
    if (!build_reserved(area, pages))
        return false;
    size_t piece = piece_pages() * page_size();
    for (char *at = area->start; at < area->end; at += piece) {
        size_t left = (size_t)(area->end - at);
        if (mprotect(at, left < piece ? left : piece, WRITABLE) != 0)
            return refuse(errno, "mprotect");
    }
    area->writable = true;
    return finish(area);
}

static bool build_shared(struct area *area, size_t pages)
{
    return begin(area, pages) &&
           map_pieces(area, pages, pages, WRITABLE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1) && finish(area);
}

static const struct layout layouts[] = {
    {"idle", "nothing", build_idle},
    {"merged", "128 MiB mappings that merge into one", build_merged},
    {"single", "one mapping; above the limit two or more that merge", build_single},
    {"scattered", "128 MiB mappings kept apart by guard pages", build_scattered},
    {"noreserve", "merged, with MAP_NORESERVE", build_noreserve},
    {"dontfork", "merged, all of it MADV_DONTFORK", build_dontfork},
    {"dontfork-middle", "merged, then the middle page MADV_DONTFORK, which splits it", build_dontfork_middle},
    {"wipeonfork", "merged, all of it MADV_WIPEONFORK", build_wipeonfork},
    {"written-readonly", "merged, one page written, then PROT_READ", build_written_readonly},
    {"written-none", "merged, one page written, then PROT_NONE", build_written_none},
    {"readonly", "merged, never written, then PROT_READ", build_readonly},
    {"reserved", "PROT_NONE", build_reserved},
    {"mremap", "half of it mapped, then grown in place by mremap", build_mremap},
    {"brk", "the heap, grown by brk", build_brk},
    {"memfd", "a private mapping of a memfd, two halves that merge", build_memfd},
    {"mprotect-pieces", "PROT_NONE, made writable in 128 MiB pieces", build_mprotect_pieces},
    {"shared", "MAP_SHARED anonymous memory with MAP_NORESERVE", build_shared},
};

const struct layout *find_layout(const char *name)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    return NULL;
}

void list_layouts(FILE *out)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        fprintf(out, "%-17s %s\n", layouts[i].name, layouts[i].description);
}
