// The first program of the initramfs: makes the folder /root the root of all, and becomes systemd.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(void) {
  if (mount("/root", "/root", NULL, MS_BIND, NULL) != 0)
    return fail("bind /root");
  if (chdir("/root") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0)
    return fail("move /root");
  if (chroot(".") != 0 || chdir("/") != 0)
    return fail("chroot");
  execl("/sbin/init", "/sbin/init", (char *)NULL);
  return fail("/sbin/init");
}
