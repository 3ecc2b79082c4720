/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Conversion: frames → one contiguous buffer.
 *
 * Shape of one item (H height, W width, C channels, N samples per channel):
 *
 * | format                                   | shape        | element         |
 * |------------------------------------------|--------------|-----------------|
 * | one plane: rgb24, bgra, rgb48, yuyv422   | (H, W, C)    |                 |
 * | gray                                     | (H, W, 1)    | uint8           |
 * | gray9 to gray16, grayf32                 | (1, H, W)    |                 |
 * | planes of one size: yuv444p, yuva444p    | (P, H, W)    |                 |
 * | gbrp, gbrap, gbrpf32: G, B, R, alpha     | (P, H, W)    |                 |
 * | yuv422p, yuv440p, nv16                   | (1, 2 H, W)  |                 |
 * | yuv420p, yuv411p, nv12, nv21, p010       | (1, 3H/2, W) |                 |
 * | yuv410p                                  | (1, 9H/8, W) |                 |
 * | nv24, nv42, p410                         | (1, 3 H, W)  |                 |
 * | u8p s16p s32p s64p fltp dblp (planar)    | (C, N)       | as the name says |
 * | u8 s16 s32 s64 flt dbl (packed)          | (N, C)       | as the name says |
 *
 * So for every pixel format of FFmpeg whose samples are whole bytes, at every depth: up to 8 bits
 * uint8, up to 16 uint16, float as it is. spdl_library_get_names() lists them. Not among them:
 * palettes, bit fields, Bayer mosaics, and subsampled planes with alpha.
 *
 * Elements are as FFmpeg has them (p010 has its 10 bits at the top of 16, yuv420p10 at the bottom),
 * in this machine's order of bytes, whatever that of the format; `spdl_buffer_info.format` is then
 * the format of this order. Of packed formats C counts all components of a pixel in memory, also
 * the one of rgb0 that means nothing; yuyv422 has luma and in turn the two of chroma. Planes that
 * are not of one size are linear, as `ffmpeg -f rawvideo` writes them; they need a size that fills
 * rows: even where chroma is halved, a multiple of 4 of yuv411p's width, of 4 and 8 of yuv410p.
 *
 * Video puts the number of frames in front; a batch puts the number of items in front of that.
 */
#ifndef SPDL_CONVERT_H
#define SPDL_CONVERT_H

#include "buffer.h"
#include "frames.h"
#include "queue.h"
#include "source.h"

SPDL_BEGIN_DECLS

enum {
  SPDL_CONVERT_BATCH = 1,     /**< Put a batch dimension in front, also for a single item. */
  SPDL_CONVERT_PINNED = 2     /**< Into page-locked memory of the library. It needs CUDA. Not with
                                   `out`. */
};

typedef struct spdl_convert_options {
  uint32_t struct_size;       /**< `sizeof(spdl_convert_options)`. */
  uint32_t flags;             /**< SPDL_CONVERT_*. */
  const spdl_memory *out;     /**< Takes the result: writable memory of exactly the right size, an
                                   array of its shape and type, or a storage of at least its
                                   size (buffer.h). NULL: memory of the library. */
} spdl_convert_options;

/** Copy frames into one buffer.
 * @param frames `num_frames` handles of one media kind that agree in format, size, channels and
 *   number of frames.
 * @param num_frames at least 1; more than one needs SPDL_CONVERT_BATCH.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (pixel format; pinned, without CUDA), SPDL_E_MISMATCH (items
 *   disagree, odd size of a subsampled format, nothing to convert, or `out` does not fit),
 *   SPDL_E_BUSY (a buffer lies in the storage), SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
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
