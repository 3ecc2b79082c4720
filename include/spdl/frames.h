/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Frames: decoded pictures or samples, still in FFmpeg's own memory.
 *
 * Frames are values: immutable, shareable between threads, usable any number of times.
 */
#ifndef SPDL_FRAMES_H
#define SPDL_FRAMES_H

#include "source.h"
#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_frames spdl_frames;

/** What frames are. Of empty frames, `format` is "" and all sizes are 0. */
typedef struct spdl_frames_info {
  uint32_t struct_size;       /**< `sizeof(spdl_frames_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_*. */
  int64_t num_frames;         /**< Pictures; of audio: samples per channel. */
  uint32_t num_timestamps;    /**< Pictures; of audio: blocks of samples. */
  uint32_t num_corrupt;       /**< Packets that did not decode, and frames damaged or cut. */
  const char *format;         /**< Pixel or sample format: "rgb24", "fltp". Static. */
  int32_t num_planes;         /**< Of a picture; 0 for audio. */
  int32_t width;              /**< In pixels; 0 for audio. */
  int32_t height;             /**< In pixels; 0 for audio. */
  int32_t sample_rate;        /**< In Hz; 0 for pictures. */
  int32_t num_channels;       /**< 0 for pictures. */
  int32_t reserved;           /**< 0. */
  spdl_rational time_base;    /**< Seconds per tick of the pts. */
} spdl_frames_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_get_info(const spdl_frames *frames, spdl_frames_info *out_info,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** Presentation times in ticks of `time_base`; INT64_MIN where there is none. Of audio: of the
 * first sample of each block.
 * @param out_pts room for `num_pts` values.
 * @param out_num the number of values there are; at most `num_pts` of them are written.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_get_pts(const spdl_frames *frames, int64_t *out_pts,
                                         size_t num_pts, size_t *out_num,
                                         spdl_error *err) SPDL_NOEXCEPT;

/** What the decoder says of a picture or block of samples: "Orientation", "DateTime" of a JPEG.
 * @param index 0 ≤ index < `num_timestamps`.
 * @param out_entries room for `num_entries` entries, which live as long as the handle; may be NULL
 *   if there is none.
 * @param out_num the number of entries there are; at most `num_entries` of them are written.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_get_metadata(const spdl_frames *frames, uint32_t index,
                                              spdl_entry *out_entries, size_t num_entries,
                                              size_t *out_num, spdl_error *err) SPDL_NOEXCEPT;

/** Some of the pictures, in the given order. They are shared, not copied.
 * @param indices `num_indices` numbers from 0 to `num_frames` - 1, in any order, also repeated; may
 *   be NULL if there is none.
 * @param media SPDL_MEDIA_VIDEO, or SPDL_MEDIA_IMAGE for a single one.
 * @return SPDL_OK, SPDL_E_INVALID (samples, or an index that there is not), SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_select(const spdl_frames *frames, const int64_t *indices,
                                        size_t num_indices, int32_t media,
                                        spdl_frames **out_frames, spdl_error *err) SPDL_NOEXCEPT;

/** How memory lies that is to be frames: densely, plane after plane as the format has them, frame
 * after frame. Of packed samples a plane holds all channels, of planar ones one. */
typedef struct spdl_frames_options {
  uint32_t struct_size;       /**< `sizeof(spdl_frames_options)`. */
  int32_t media;              /**< SPDL_MEDIA_*. */
  const char *format;         /**< Pixel or sample format: "rgb24", "fltp". */
  int64_t num_frames;         /**< Pictures, 1 for an image; of audio: samples per channel. */
  int32_t width;              /**< In pixels; unused for audio. */
  int32_t height;             /**< In pixels; unused for audio. */
  spdl_rational frame_rate;   /**< Pictures per second; unused for audio; 0/0: 1/1. */
  int32_t sample_rate;        /**< In Hz; unused for pictures. */
  int32_t num_channels;       /**< Unused for pictures. */
  int64_t pts;                /**< Of the first picture or sample, in ticks of 1 / `frame_rate` or
                                   1 / `sample_rate`; each one adds a tick. */
} spdl_frames_options;

/** Frames on borrowed memory, which is not copied and comes back when the last of them ends. Only
 * a picture that ends less than 64 bytes before a page of memory does is copied, since FFmpeg may
 * read that far.
 * @param memory of exactly the size that the options say.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MISMATCH (the size), SPDL_E_UNSUPPORTED (the format),
 *   SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_from_memory(const spdl_memory *memory,
                                             const spdl_frames_options *options,
                                             spdl_frames **out_frames,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_frames_free(spdl_frames *frames) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_FRAMES_H */
