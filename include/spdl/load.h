/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Loading: source → buffer in one job, and batches.
 */
#ifndef SPDL_LOAD_H
#define SPDL_LOAD_H

#include "convert.h"
#include "decode.h"
#include "demux.h"

SPDL_BEGIN_DECLS

/** What is done where the shapes of picture and size differ: `scale_mode`. */
enum {
  SPDL_SCALE_PAD = 0,         /**< Fit the picture into the size; the rest is black. */
  SPDL_SCALE_CROP = 1,        /**< Fill the size; what is over is cut off, as much on both sides. */
  SPDL_SCALE_STRETCH = 2      /**< Change the picture's shape. */
};

typedef struct spdl_load_options {
  uint32_t struct_size;       /**< `sizeof(spdl_load_options)`. */
  uint32_t flags;             /**< 0. */
  const spdl_demux_options *demux;   /**< May be NULL. */
  const spdl_decode_options *decode; /**< May be NULL. */
  const spdl_window *window;  /**< Audio and video; NULL: everything. */
  const spdl_memory *out;     /**< As in spdl_convert_options. */
  int32_t width;              /**< Of pictures, in pixels; 0: each one's own. */
  int32_t height;             /**< Of pictures, in pixels; 0: each one's own. */
  const char *pix_fmt;        /**< Pixel format; NULL: the decoder's own, or rgb24 if neither width
                                   nor height is given. With any of the three, the filter must be
                                   SPDL_FILTER_DEFAULT. */
  uint32_t scale_mode;        /**< SPDL_SCALE_*. */
  uint32_t reserved;          /**< 0. */
} spdl_load_options;

/** Demux, decode and convert. With a width or a height, in rgb24, bgr24 or gray, and without
 * SPDL_DECODE_REFERENCE, pictures are resampled by area where they shrink, and linearly where they
 * grow; JPEGs may be decoded by libjpeg-turbo; idle workers share the work of a video. Otherwise
 * results equal those of the ffmpeg command, which scales by bicubic interpolation.
 * @param media SPDL_MEDIA_*.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return as spdl_source_demux(), spdl_packets_decode() and spdl_frames_convert().
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_load(const spdl_source *source, int32_t media,
                                      const spdl_load_options *options, const spdl_limits *limits,
                                      spdl_buffer **out_buffer, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_source_load() on a queue: completes with SPDL_KIND_BUFFER.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_source_load_submit(spdl_queue *queue, uint64_t tag,
                                             const spdl_source *source, int32_t media,
                                             const spdl_load_options *options,
                                             const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** Images, videos or audio of one shape in one buffer, and what became of each. A value. */
typedef struct spdl_batch spdl_batch;

enum {
  SPDL_BATCH_SKIP_ERRORS = 1, /**< Leave out items that fail, even if none is left. Without it one
                                   failure fails the batch with SPDL_E_BATCH. */
  SPDL_BATCH_PINNED = 2       /**< As SPDL_CONVERT_PINNED. */
};

typedef struct spdl_batch_options {
  uint32_t struct_size;       /**< `sizeof(spdl_batch_options)`. */
  uint32_t flags;             /**< SPDL_BATCH_*. */
  int32_t width;              /**< In pixels; 0: each picture's own. */
  int32_t height;             /**< In pixels; 0: each picture's own. */
  const char *pix_fmt;        /**< Pixel format; NULL: the decoder's own. */
  const spdl_demux_options *demux;   /**< May be NULL. */
  const spdl_decode_options *decode; /**< May be NULL. With SPDL_FILTER_DEFAULT a picture is scaled
                                   to width × height as `scale_mode` says and brought to
                                   `pix_fmt`, and samples become fltp; otherwise, and for audio,
                                   `width`, `height`, `pix_fmt` and `scale_mode` must be unset. */
  const spdl_memory *out;     /**< As in spdl_convert_options; it counts all sources. */
  int32_t media;              /**< SPDL_MEDIA_*; SPDL_MEDIA_NONE: images. */
  uint32_t scale_mode;        /**< SPDL_SCALE_*. */
  const spdl_window *const *windows; /**< Audio and video: `num_windows` of them; NULL in the list:
                                   everything. */
  uint32_t num_windows;       /**< 0: none; 1: one for all sources; or one for each. */
  uint32_t reserved;          /**< 0. */
} spdl_batch_options;

/** Load sources into one buffer of shape (B, …), in their order. Idle workers of the pool share the
 * work; the result does not depend on how many there are. All items have the shape, format and rate
 * of the first one that does not fail; those that differ fail. At most one item for each worker is
 * decoded and not yet in the buffer.
 * @param sources `num_sources` handles. A source that is no fed one may be there several times.
 * @param options may be NULL.
 * @param limits may be NULL; the numbers hold for each item, `max_bytes` also for the buffer, the
 *   deadline for the batch.
 * @return SPDL_OK, SPDL_E_BATCH (an item failed; the error is that of the first, and its item says
 *   which; never with SPDL_BATCH_SKIP_ERRORS, which lets all be told), SPDL_E_MISMATCH (`out` does
 *   not fit), SPDL_E_BUSY (a buffer lies in the storage), SPDL_E_UNSUPPORTED (`pix_fmt`; pinned,
 *   without CUDA), SPDL_E_LIMIT (of the whole buffer), SPDL_E_DEADLINE, SPDL_E_CANCELLED,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_batch_load(const spdl_source *const *sources, uint32_t num_sources,
                                     const spdl_batch_options *options, const spdl_limits *limits,
                                     spdl_batch **out_batch, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_batch_load() on a queue: completes with SPDL_KIND_BATCH.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_batch_load_submit(spdl_queue *queue, uint64_t tag,
                                            const spdl_source *const *sources, uint32_t num_sources,
                                            const spdl_batch_options *options,
                                            const spdl_limits *limits,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** What became of a batch. The pointers live as long as the handle. */
typedef struct spdl_batch_info {
  uint32_t struct_size;       /**< `sizeof(spdl_batch_info)`, set by the caller. */
  uint32_t num_sources;
  uint32_t num_loaded;
  uint32_t num_failed;
  const int64_t *indices;     /**< Of the `num_loaded` sources that are in the buffer, ascending. */
} spdl_batch_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_batch_get_info(const spdl_batch *batch, spdl_batch_info *out_info,
                                         spdl_error *err) SPDL_NOEXCEPT;

/** The buffer of shape (num_loaded, …).
 * @return SPDL_OK, SPDL_EOF (nothing was loaded), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_batch_get_buffer(const spdl_batch *batch, spdl_buffer **out_buffer,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** Why an item is missing.
 * @param index 0 ≤ index < num_failed, in the order of the sources; `out_failure->item` says which.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_batch_get_failure(const spdl_batch *batch, uint32_t index,
                                            spdl_error *out_failure, spdl_error *err) SPDL_NOEXCEPT;

/** End a handle; buffers taken from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_batch_free(spdl_batch *batch) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_LOAD_H */
