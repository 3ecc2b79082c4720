/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Conversion: frames → one contiguous buffer.
 *
 * Shape of one item (H height, W width, C channels, N samples per channel):
 *
 * | format                                | shape        | element               |
 * |---------------------------------------|--------------|-----------------------|
 * | rgb24                                 | (H, W, 3)    | uint8                 |
 * | rgba                                  | (H, W, 4)    | uint8                 |
 * | gray                                  | (H, W, 1)    | uint8                 |
 * | yuv444p, yuvj444p                     | (3, H, W)    | uint8                 |
 * | yuv422p, yuvj422p                     | (1, 2 H, W)  | uint8, even W         |
 * | yuv420p, yuvj420p, nv12               | (1, 3H/2, W) | uint8, even H and W   |
 * | u8p s16p s32p s64p fltp dblp (planar) | (C, N)       | as the name says      |
 * | u8 s16 s32 s64 flt dbl (packed)       | (N, C)       | as the name says      |
 *
 * The subsampled formats are linear planes Y, U, V as `ffmpeg -f rawvideo` writes them. Video puts
 * the number of frames in front; a batch puts the number of items in front of that.
 */
#ifndef SPDL_CONVERT_H
#define SPDL_CONVERT_H

#include "buffer.h"
#include "frames.h"
#include "queue.h"
#include "source.h"

SPDL_BEGIN_DECLS

enum {
  SPDL_CONVERT_BATCH = 1      /**< Put a batch dimension in front, also for a single item. */
};

typedef struct spdl_convert_options {
  uint32_t struct_size;       /**< `sizeof(spdl_convert_options)`. */
  uint32_t flags;             /**< SPDL_CONVERT_*. */
  const spdl_memory *out;     /**< Writable memory of exactly the right size that takes the result;
                                   NULL: memory of the library. */
} spdl_convert_options;

/** Copy frames into one buffer.
 * @param frames `num_frames` handles of one media kind that agree in format, size, channels and
 *   number of frames.
 * @param num_frames at least 1; more than one needs SPDL_CONVERT_BATCH.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (pixel format), SPDL_E_MISMATCH (items disagree, odd size of
 *   a subsampled format, nothing to convert, or `out` has another size), SPDL_E_LIMIT,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_convert(const spdl_frames *const *frames, uint32_t num_frames,
                                         const spdl_convert_options *options,
                                         const spdl_limits *limits, spdl_buffer **out_buffer,
                                         spdl_error *err) SPDL_NOEXCEPT;
/** spdl_frames_convert() on a queue: completes with SPDL_KIND_BUFFER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_convert_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_frames *const *frames,
                                                uint32_t num_frames,
                                                const spdl_convert_options *options,
                                                const spdl_limits *limits,
                                                spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_CONVERT_H */
