/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Buffers: contiguous, C-ordered arrays.
 *
 * Buffers are values: the library never changes one that it has returned. The memory is the
 * library's own (64-byte aligned), that of a storage, or borrowed from the caller: by the option
 * `out` of what makes the buffer (`spdl_convert_options.out`), or `readers.h`; then of any alignment.
 */
#ifndef SPDL_BUFFER_H
#define SPDL_BUFFER_H

#include "source.h"
#include "types.h"

SPDL_BEGIN_DECLS

enum {
  SPDL_STORAGE_PINNED = 1     /**< Page-locked, for fast copies to a GPU. It needs CUDA. */
};

/** What an array of the caller is. */
typedef struct spdl_array {
  uint32_t struct_size;       /**< `sizeof(spdl_array)`. */
  uint32_t num_dims;          /**< 0 to 8. */
  const char *typestr;        /**< Element type as in NumPy's array interface: "|u1", "<f4". */
  int64_t shape[8];           /**< In elements, outermost first. */
} spdl_array;

/** Lend an array that takes a result, as spdl_memory_borrow() lends memory with
 * SPDL_MEMORY_WRITABLE. The result must have its shape and element type; with memory alone it must
 * only have the size.
 * @param data may be NULL if `size` is 0. C-ordered, without gaps.
 * @param size in bytes.
 * @param array shape and element type.
 * @param tag as in spdl_memory_borrow().
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_memory_borrow_array(void *data, size_t size, const spdl_array *array,
                                              uint64_t tag, spdl_memory **out_memory,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** Set memory aside for results: a storage, for `out`. It takes any result that is not larger, one
 * at a time: while a buffer that lies in it is alive, other uses get SPDL_E_BUSY. The buffer keeps
 * the memory alive. It is no source.
 * @param size in bytes, at least 1.
 * @param flags SPDL_STORAGE_*.
 * @param out_memory end it with spdl_memory_free().
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (pinned, without CUDA), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_memory_allocate(size_t size, uint32_t flags, spdl_memory **out_memory,
                                          spdl_error *err) SPDL_NOEXCEPT;

typedef struct spdl_buffer spdl_buffer;

enum {
  SPDL_BUFFER_READONLY = 1    /**< `data` is borrowed memory that must not be written. */
};

/** What a buffer is. The pointers live as long as the handle. */
typedef struct spdl_buffer_info {
  uint32_t struct_size;       /**< `sizeof(spdl_buffer_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_*; SPDL_MEDIA_NONE: of integers. */
  void *data;                 /**< First element. */
  size_t size;                /**< In bytes. */
  const char *typestr;        /**< Element type as in NumPy's array interface: "|u1", "<f4". */
  const char *format;         /**< Pixel or sample format: "rgb24", "fltp". */
  const char *backend;        /**< The way it went: "ffmpeg", "fast", "native"; "mixed"
                                   of a batch of several; "" of what was not decoded. */
  uint32_t item_size;         /**< Bytes per element. */
  uint32_t num_dims;          /**< 1 to 8. */
  int64_t shape[8];           /**< In elements, outermost first; unused entries are 0. */
  int32_t sample_rate;        /**< In Hz; 0 for pictures. */
  uint32_t num_corrupt;       /**< Sum over the frames in it. */
  uint32_t num_pts;           /**< How many values `pts` has. */
  uint32_t flags;             /**< SPDL_BUFFER_*. */
  const double *pts;          /**< Seconds of each picture; of audio: of the first sample of each
                                   item. NaN if unknown. Of a batch: of each item as many, one item
                                   after the other. */
  uint32_t num_items;         /**< Of a batch: the first dimension; else 0. */
  uint32_t reserved;          /**< 0. */
  const uint32_t *item_num_corrupt; /**< Of a batch: `num_corrupt` of each of the `num_items`. */
} spdl_buffer_info;

/** Copy integers into a buffer of shape (num_values,), of int64.
 * @param values `num_values` numbers.
 * @param num_values at least 1.
 * @param out as in spdl_convert_options; may be NULL.
 * @return SPDL_OK, SPDL_E_MISMATCH (`out` does not fit), SPDL_E_BUSY (a buffer lies in the storage),
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_buffer_from_integers(const int64_t *values, size_t num_values,
                                               const spdl_memory *out, spdl_buffer **out_buffer,
                                               spdl_error *err) SPDL_NOEXCEPT;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_buffer_get_info(const spdl_buffer *buffer, spdl_buffer_info *out_info,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** End a handle; `data` is no longer valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_buffer_free(spdl_buffer *buffer) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_BUFFER_H */
