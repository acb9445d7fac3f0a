/* Loaded with a program: reserves two adjacent mappings of 0.6 x (RAM + swap), which the kernel merges into one that it
 * grants to no fork in mode 0. Nothing of them is touched. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

__attribute__((constructor)) static void reserve(void)
{
	struct sysinfo info;
	sysinfo(&info);
	unsigned long half = (info.totalram + info.totalswap) * info.mem_unit / 10 * 6 & ~0xfffffUL;
	char *start = mmap(NULL, 2 * half, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (int i = 0; i < 2; i++)
		if (start == MAP_FAILED || mmap(start + i * half, half, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
			perror("reserve");
			abort();
		}
	/* Not for what the program starts. */
	unsetenv("LD_PRELOAD");
}
