/*
 * What tests do to a program from outside: fail one of its operations on the files of a folder, and tell it another
 * time than it is. Loaded before the C library, whose functions it stands in for. It must not change anything else.
 *
 *   MEDDLE_FOLDER   the files below it count
 *   MEDDLE_AT       the operation that fails: this one, or the next that can fail so; 0 for none
 *   MEDDLE_WITH     how: EIO, ENOSPC or EMFILE; KILL kills the program instead, before the operation, and HANG keeps it
 *                   from ever going on
 *   MEDDLE_COUNT    where the number of operations is written at the end, with the process id after a dot
 *   MEDDLE_CLOCK    a file with two numbers: seconds to add to the wall clock, and where it stands still (0: nowhere)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536
#define REAL(name) ((__typeof__(name) *)real(#name))

static const char *folder, *clock_file;
static size_t folder_length;
static long fail_at;
static int fail_with, kills, hangs;
static atomic_long seen;
static atomic_int failed;
static atomic_char ours[MOST_FILES];

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("MEDDLE_AT"), *with = getenv("MEDDLE_WITH");
    folder = getenv("MEDDLE_FOLDER");
    folder_length = folder ? strlen(folder) : 0;
    clock_file = getenv("MEDDLE_CLOCK");
    fail_at = at ? atol(at) : 0;
    kills = with && !strcmp(with, "KILL");
    hangs = with && !strcmp(with, "HANG");
    fail_with = !with || kills || hangs || !strcmp(with, "EIO") ? EIO : !strcmp(with, "ENOSPC") ? ENOSPC : EMFILE;
}

__attribute__((destructor)) static void end(void) {
    const char *count = getenv("MEDDLE_COUNT");
    char path[4096];
    FILE *file;
    if (!count) return;
    snprintf(path, sizeof path, "%s.%d", count, (int)getpid());
    if ((file = fopen(path, "w"))) {
        fprintf(file, "%ld", atomic_load(&seen));
        fclose(file);
    }
}

enum kind { READS, WRITES, SYNCS, OPENS };

/* Counts an operation; whether it is the one that fails. */
static int fails(enum kind kind) {
    int none = 0;
    long number = atomic_fetch_add(&seen, 1) + 1;
    if (!fail_at || number < fail_at) return 0;
    if (kills) raise(SIGKILL);
    while (hangs) pause();
    if (fail_with == EMFILE && kind != OPENS) return 0;
    if (fail_with == ENOSPC && kind != WRITES && kind != OPENS) return 0;
    if (!atomic_compare_exchange_strong(&failed, &none, 1)) return 0;
    errno = fail_with;
    return 1;
}

static int is_ours(int file) { return file >= 0 && file < MOST_FILES && ours[file]; }
static int is_below(const char *path) { return folder && path && !strncmp(path, folder, folder_length); }

static int opened(int file, const char *path) {
    if (file >= 0 && file < MOST_FILES) ours[file] = is_below(path);
    return file;
}

#define MODE(flags)                                        \
    mode_t mode = 0;                                       \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                 \
        va_list rest;                                      \
        va_start(rest, flags);                             \
        mode = (mode_t)va_arg(rest, int);                  \
        va_end(rest);                                      \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    if (is_below(path) && fails(OPENS)) return -1;
    return opened(REAL(open)(path, flags, mode), path);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    if (is_below(path) && fails(OPENS)) return -1;
    return opened(REAL(open64)(path, flags, mode), path);
}
int openat(int at, const char *path, int flags, ...) {
    MODE(flags)
    if (is_below(path) && fails(OPENS)) return -1;
    return opened(REAL(openat)(at, path, flags, mode), path);
}
int openat64(int at, const char *path, int flags, ...) {
    MODE(flags)
    if (is_below(path) && fails(OPENS)) return -1;
    return opened(REAL(openat64)(at, path, flags, mode), path);
}
int close(int file) {
    if (file >= 0 && file < MOST_FILES) ours[file] = 0;
    return REAL(close)(file);
}
/* A connection counts as well: without a free number nobody can be let in. */
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
    if (folder && fail_with == EMFILE && fails(OPENS)) return -1;
    return REAL(accept4)(listener, address, length, flags);
}

#define ON_FILE(type, name, kind, parameters, arguments)   \
    type name parameters {                                 \
        if (is_ours(file) && fails(kind)) return -1;       \
        return REAL(name) arguments;                       \
    }

ON_FILE(ssize_t, read, READS, (int file, void *into, size_t size), (file, into, size))
ON_FILE(ssize_t, pread, READS, (int file, void *into, size_t size, off_t at), (file, into, size, at))
ON_FILE(ssize_t, pread64, READS, (int file, void *into, size_t size, off64_t at), (file, into, size, at))
ON_FILE(ssize_t, write, WRITES, (int file, const void *from, size_t size), (file, from, size))
ON_FILE(ssize_t, writev, WRITES, (int file, const struct iovec *from, int count), (file, from, count))
ON_FILE(ssize_t, pwrite, WRITES, (int file, const void *from, size_t size, off_t at), (file, from, size, at))
ON_FILE(ssize_t, pwrite64, WRITES, (int file, const void *from, size_t size, off64_t at), (file, from, size, at))
ON_FILE(int, ftruncate, WRITES, (int file, off_t size), (file, size))
ON_FILE(int, ftruncate64, WRITES, (int file, off64_t size), (file, size))
ON_FILE(int, fsync, SYNCS, (int file), (file))
ON_FILE(int, fdatasync, SYNCS, (int file), (file))

int rename(const char *from, const char *to) {
    if (is_below(to) && fails(WRITES)) return -1;
    return REAL(rename)(from, to);
}
int unlink(const char *path) {
    if (is_below(path) && fails(WRITES)) return -1;
    return REAL(unlink)(path);
}
int mkdir(const char *path, mode_t mode) {
    if (is_below(path) && fails(WRITES)) return -1;
    return REAL(mkdir)(path, mode);
}

/* The wall clock as the file has it. */
static void set(long long *seconds, long *nanoseconds) {
    char text[64] = "";
    long long by = 0, still = 0;
    int file;
    if (!clock_file) return;
    file = (int)syscall(SYS_openat, AT_FDCWD, clock_file, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0) return;
    if (syscall(SYS_read, file, text, sizeof text - 1) > 0) sscanf(text, "%lld %lld", &by, &still);
    syscall(SYS_close, file);
    *seconds += by;
    if (still) {
        *seconds = still;
        *nanoseconds = 0;
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int answer = (int)syscall(SYS_clock_gettime, clock, time);
    if (!answer && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        long long seconds = time->tv_sec;
        set(&seconds, &time->tv_nsec);
        time->tv_sec = (time_t)seconds;
    }
    return answer;
}
int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}
