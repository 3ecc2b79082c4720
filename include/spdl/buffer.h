/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Buffers: contiguous, C-ordered arrays.
 *
 * Buffers are values: the library never changes one that it has returned. The memory is the
 * library's own (64-byte aligned) or borrowed from the caller (`spdl_convert_options.out`,
 * `readers.h`), then of any alignment.
 */
#ifndef SPDL_BUFFER_H
#define SPDL_BUFFER_H

#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_buffer spdl_buffer;

enum {
  SPDL_BUFFER_READONLY = 1    /**< `data` is borrowed memory that must not be written. */
};

/** What a buffer is. The pointers live as long as the handle. */
typedef struct spdl_buffer_info {
  uint32_t struct_size;       /**< `sizeof(spdl_buffer_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_*. */
  void *data;                 /**< First element. */
  size_t size;                /**< In bytes. */
  const char *typestr;        /**< Element type as in NumPy's array interface: "|u1", "<f4". */
  const char *format;         /**< Pixel or sample format: "rgb24", "fltp". */
  const char *backend;        /**< What decoded it: "ffmpeg", "native". */
  uint32_t item_size;         /**< Bytes per element. */
  uint32_t num_dims;          /**< 1 to 8. */
  int64_t shape[8];           /**< In elements, outermost first; unused entries are 0. */
  int32_t sample_rate;        /**< In Hz; 0 for pictures. */
  uint32_t num_corrupt;       /**< Sum over the frames in it. */
  uint32_t num_pts;           /**< How many values `pts` has. */
  uint32_t flags;             /**< SPDL_BUFFER_*. */
  const double *pts;          /**< Seconds of each picture; of audio: of the first sample of each
                                   item. NaN if unknown. */
} spdl_buffer_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_buffer_get_info(const spdl_buffer *buffer, spdl_buffer_info *out_info,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** End a handle; `data` is no longer valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_buffer_free(spdl_buffer *buffer) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_BUFFER_H */
