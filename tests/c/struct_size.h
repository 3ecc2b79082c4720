/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * What the tests of `struct_size` share. Each struct lies in a heap block of exactly its size, so
 * that AddressSanitizer sees any access past it.
 */
#ifndef SPDL_TESTS_C_STRUCT_SIZE_H
#define SPDL_TESTS_C_STRUCT_SIZE_H

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

/* A struct that the library reads, and a call that reads it. */
typedef struct struct_size_options {
  const char *name;
  size_t size;
  spdl_status (*use)(const void *options);
} struct_size_options;

/* A struct that the library writes, and a call that writes it. */
typedef struct struct_size_info {
  const char *name;
  size_t size;
  spdl_status (*get)(void *info, spdl_error *err);
} struct_size_info;

/* A heap block of `size` bytes that begins with `size` as its struct_size. */
static inline void *struct_size_block(size_t size, int fill, const void *content,
                                      size_t content_size) {
  unsigned char *block = malloc(size < sizeof(uint32_t) ? sizeof(uint32_t) : size);
  CHECK(block != NULL);
  memset(block, fill, size);
  if (content) memcpy(block, content, content_size < size ? content_size : size);
  const uint32_t struct_size = (uint32_t)size;
  memcpy(block, &struct_size, sizeof(struct_size));
  return block;
}

static inline void struct_size_check_tail(const unsigned char *block, size_t from, size_t to,
                                          int fill) {
  for (size_t i = from; i < to; ++i) CHECK_EQ(block[i], fill);
}

static inline void struct_size_expect(const struct_size_options *row, const void *block,
                                      const char *what, spdl_status expected) {
  const spdl_status status = row->use(block);
  if (status != expected)
    check_fail(__FILE__, __LINE__, "%s, %s: %d, not %d", row->name, what, status, expected);
}

static inline void struct_size_check_options(const struct_size_options *row) {
  const size_t size = row->size;
  for (size_t smaller = sizeof(uint32_t); smaller <= size; smaller += 4) {
    void *block = struct_size_block(smaller, 0, NULL, 0);
    struct_size_expect(row, block, "smaller", SPDL_OK);
    free(block);
  }
  unsigned char *block = struct_size_block(size, 0, NULL, 0);
  memset(block, 0, sizeof(uint32_t));
  struct_size_expect(row, block, "no size", SPDL_E_INVALID);
  CHECK(strstr(check_last_error()->message, "struct_size") != NULL);
  free(block);
  for (size_t more = 1; more <= 64; more += 7) {
    block = struct_size_block(size + more, 0, NULL, 0);
    struct_size_expect(row, block, "larger, zeros", SPDL_OK);
    block[size + more - 1] = 1;
    struct_size_expect(row, block, "larger, not zeros", SPDL_E_INVALID);
    free(block);
  }
}

static inline void struct_size_check_accepted(const struct_size_info *row) {
  const size_t size = row->size;
  unsigned char *full = struct_size_block(size, 0, NULL, 0);
  CHECK_OK(row->get(full, ERR));
  uint32_t struct_size;
  memcpy(&struct_size, full, sizeof(struct_size));
  CHECK_EQ(struct_size, size);

  for (size_t smaller = sizeof(uint32_t); smaller < size; smaller += 4) {
    unsigned char *block = struct_size_block(smaller, 0xee, NULL, 0);
    CHECK_OK(row->get(block, ERR));
    CHECK_BYTES(block + sizeof(uint32_t), full + sizeof(uint32_t), smaller - sizeof(uint32_t));
    free(block);
  }
  unsigned char *larger = struct_size_block(size + 40, 0, NULL, 0);
  CHECK_OK(row->get(larger, ERR));
  CHECK_BYTES(larger + sizeof(uint32_t), full + sizeof(uint32_t), size - sizeof(uint32_t));
  struct_size_check_tail(larger, size, size + 40, 0);
  free(larger);
  free(full);
}

static inline void struct_size_check_refused(const struct_size_info *row) {
  const size_t size = row->size;
  unsigned char *larger = struct_size_block(size + 40, 0xee, NULL, 0);
  CHECK_STATUS(SPDL_E_INVALID, row->get(larger, ERR));
  struct_size_check_tail(larger, sizeof(uint32_t), size + 40, 0xee);
  memset(larger, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, row->get(larger, ERR));
  struct_size_check_tail(larger, sizeof(uint32_t), size + 40, 0xee);
  free(larger);
}

static inline void struct_size_check_info(const struct_size_info *row) {
  printf("  %s\n", row->name);
  struct_size_check_accepted(row);
  struct_size_check_refused(row);
}

#endif /* SPDL_TESTS_C_STRUCT_SIZE_H */
