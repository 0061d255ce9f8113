/* The end of a benchmark program that cannot go on: one line to stderr, exit code 1. */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

#endif
