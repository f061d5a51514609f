/* Preloaded into a program, sees what it does to the files of one directory: writes it down, and
   can end the program at any point of it.

   DISK_DIRECTORY  the directory, as an absolute path
   DISK_LOG        a file that a record of each change and each sync is appended to, once it is done
   disk_arm(n, h)  has the n-th of them from now on, counted from 1, be SIGKILL instead; one that
                   writes may have done half of it before (h)
   disk_left()     how many of these n are left

   A record: kind, nanoseconds of the monotonic clock, inode, offset, size, and so many bytes. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct record {
    uint64_t kind;
    uint64_t time;
    uint64_t inode;
    uint64_t offset;
    uint64_t size;
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static long left = -1;
static int half;

void disk_arm(long count, int half_done)
{
    left = count;
    half = half_done;
}

long disk_left(void)
{
    return left;
}

static int is_within(const char *path)
{
    const char *directory = getenv("DISK_DIRECTORY");
    return path != NULL && directory != NULL && !strncmp(path, directory, strlen(directory));
}

static int is_open_within(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return is_within(path);
}

/* Whether this is the moment to die. */
static int is_due(void)
{
    return left > 0 && --left == 0;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static uint64_t inode_of(int fd)
{
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

static void note(char kind, uint64_t inode, uint64_t offset, const void *bytes, size_t size)
{
    static int log = -2;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (log == -2) {
        const char *path = getenv("DISK_LOG");
        log = path == NULL ? -1
                           : (int)syscall(SYS_openat, AT_FDCWD, path,
                                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (log < 0)
        return;
    struct record record = {
        .kind = (uint64_t)kind,
        .time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        .inode = inode,
        .offset = offset,
        .size = size,
    };
    struct iovec parts[] = {{&record, sizeof record}, {(void *)bytes, size}};
    syscall(SYS_writev, log, parts, 2);
}

static void note_names(char kind, const char *one, const char *two)
{
    char names[8192];
    int size = snprintf(names, sizeof names, "%s%c%s", one, 0, two);
    note(kind, 0, 0, names, (size_t)size);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int (*open_it)(const char *, int, ...), const char *path, int flags, mode_t mode)
{
    struct stat found;
    int is_new = (flags & O_CREAT) && is_within(path) && stat(path, &found) != 0;
    if (!is_new)
        return open_it(path, flags, mode);
    pthread_mutex_lock(&guard);
    if (is_due())
        die();
    int fd = open_it(path, flags, mode);
    if (fd >= 0)
        note('c', inode_of(fd), 0, path, strlen(path));
    pthread_mutex_unlock(&guard);
    return fd;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        mode_t mode = 0;                                                                           \
        if (flags & O_CREAT) {                                                                     \
            va_list rest;                                                                          \
            va_start(rest, flags);                                                                 \
            mode = va_arg(rest, mode_t);                                                           \
            va_end(rest);                                                                          \
        }                                                                                          \
        return opened(NEXT(name), path, flags, mode);                                              \
    }

OPEN(open)
OPEN(open64)

static ssize_t written(ssize_t (*write_it)(int, const void *, size_t, off_t), int fd,
                       const void *bytes, size_t size, off_t offset)
{
    if (!is_open_within(fd))
        return write_it(fd, bytes, size, offset);
    pthread_mutex_lock(&guard);
    if (is_due()) {
        if (half)
            write_it(fd, bytes, size / 2, offset);
        die();
    }
    ssize_t done = write_it(fd, bytes, size, offset);
    if (done > 0)
        note('w', inode_of(fd), (uint64_t)offset, bytes, (size_t)done);
    pthread_mutex_unlock(&guard);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return written(NEXT(pwrite), fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return written(NEXT(pwrite64), fd, bytes, size, offset);
}

static ssize_t write_here(int fd, const void *bytes, size_t size, off_t offset)
{
    (void)offset;
    return NEXT(write)(fd, bytes, size);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return written(write_here, fd, bytes, size, lseek(fd, 0, SEEK_CUR));
}

/* What is done by calls that are given a descriptor, or names, and nothing to write. */
#define CALL(condition, call, noted)                                                               \
    if (!(condition))                                                                              \
        return call;                                                                               \
    pthread_mutex_lock(&guard);                                                                    \
    if (is_due())                                                                                  \
        die();                                                                                     \
    int failed = call;                                                                             \
    if (!failed)                                                                                   \
        noted;                                                                                     \
    pthread_mutex_unlock(&guard);                                                                  \
    return failed;

int ftruncate(int fd, off_t size)
{
    CALL(is_open_within(fd), NEXT(ftruncate)(fd, size),
         note('t', inode_of(fd), (uint64_t)size, "", 0))
}

int ftruncate64(int fd, off64_t size)
{
    CALL(is_open_within(fd), NEXT(ftruncate64)(fd, size),
         note('t', inode_of(fd), (uint64_t)size, "", 0))
}

int fsync(int fd)
{
    CALL(is_open_within(fd), NEXT(fsync)(fd), note('s', inode_of(fd), 0, "", 0))
}

int fdatasync(int fd)
{
    CALL(is_open_within(fd), NEXT(fdatasync)(fd), note('s', inode_of(fd), 0, "", 0))
}

int rename(const char *from, const char *to)
{
    CALL(is_within(from) || is_within(to), NEXT(rename)(from, to), note_names('r', from, to))
}

int link(const char *from, const char *to)
{
    CALL(is_within(from) || is_within(to), NEXT(link)(from, to), note_names('l', from, to))
}

int unlink(const char *path)
{
    CALL(is_within(path), NEXT(unlink)(path), note('u', 0, 0, path, strlen(path)))
}
