/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Decoding: packets → frames, through a filter graph or without one; all frames or a sample of them.
 */
#ifndef SPDL_DECODE_H
#define SPDL_DECODE_H

#include "frames.h"
#include "packets.h"
#include "queue.h"

SPDL_BEGIN_DECLS

/** How decoded frames are filtered: `spdl_decode_options.filter`. */
enum {
  SPDL_FILTER_DEFAULT = 0,    /**< Pictures become rgb24, samples become fltp. */
  SPDL_FILTER_NONE = 1,       /**< No graph: the decoder's own format. */
  SPDL_FILTER_CUSTOM = 2      /**< `filter_desc`. */
};

enum {
  SPDL_DECODE_STRICT = 1,     /**< A packet that does not decode is an error, not skipped. */
  SPDL_DECODE_REFERENCE = 2   /**< Of loads to a size: go the way whose results are those of the
                                   ffmpeg command. All else always does; of loads of WAV files, leave
                                   all to FFmpeg, with the same result. */
};

typedef struct spdl_decode_options {
  uint32_t struct_size;       /**< `sizeof(spdl_decode_options)`. */
  uint32_t flags;             /**< SPDL_DECODE_*. */
  const char *decoder;        /**< FFmpeg's name of the decoder; NULL: the codec's default. */
  const spdl_option *decoder_options; /**< Options of the decoder; "threads" is 1 by default. */
  uint32_t num_decoder_options;
  uint32_t filter;            /**< SPDL_FILTER_*. */
  const char *filter_desc;    /**< A chain of filters as in FFmpeg's -vf and -af. */
  int64_t num_frames;         /**< Stop after so many frames (audio: blocks) left the graph; 0: all. */
} spdl_decode_options;

/** Decode packets. Frames outside of the packets' window are dropped before they reach the filter
 * graph; of audio, the window is exact to the sample. Decoder and graph are flushed at the end.
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return SPDL_OK (an empty window gives empty frames), SPDL_E_CORRUPT (nothing decoded, or
 *   SPDL_DECODE_STRICT), SPDL_E_UNSUPPORTED (codec), SPDL_E_OPTION, SPDL_E_FILTER, SPDL_E_LIMIT,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_decode(const spdl_packets *packets,
                                         const spdl_decode_options *options,
                                         const spdl_limits *limits, spdl_frames **out_frames,
                                         spdl_error *err) SPDL_NOEXCEPT;
/** spdl_packets_decode() on a queue: completes with SPDL_KIND_FRAMES.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_decode_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_packets *packets,
                                                const spdl_decode_options *options,
                                                const spdl_limits *limits,
                                                spdl_error *err) SPDL_NOEXCEPT;

/** A decoder that is given packets as they come, and gives frames as they are asked for. A machine:
 * one operation at a time; a second one gets SPDL_E_BUSY. */
typedef struct spdl_decoder spdl_decoder;

/** Make a decoder.
 * @param codec of the packets that will come.
 * @param options may be NULL. `num_frames` counts from the start or the last spdl_decoder_end().
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (codec), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_decoder_open(const spdl_codec *codec, const spdl_decode_options *options,
                                       spdl_decoder **out_decoder, spdl_error *err) SPDL_NOEXCEPT;

/** Give packets to a decoder, to follow those before. Nothing is decoded yet.
 * @param packets of the decoder's codec. Their window is that of those before, if they are not the
 *   first ones since the start or since spdl_decoder_end().
 * @return SPDL_OK, SPDL_E_MISMATCH (another codec or window), SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_push(const spdl_decoder *decoder, const spdl_packets *packets,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** Say that the stream is over after the packets so far: frames that decoder and filter graph hold
 * back come out, too. Packets that are given later begin a new stream.
 * @return SPDL_OK, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_end(const spdl_decoder *decoder, spdl_error *err) SPDL_NOEXCEPT;

/** Decode the next frames. All frames together are what spdl_packets_decode() makes of all packets.
 * Of images, each has one picture.
 * @param num_frames pictures or blocks of samples: so many, or fewer if the packets so far give no
 *   more; 0: those that come at once.
 * @param limits may be NULL. They count what is held at a time.
 * @return SPDL_OK, SPDL_EOF (the packets so far give no more), SPDL_E_CORRUPT (nothing decoded, or
 *   SPDL_DECODE_STRICT), SPDL_E_OPTION, SPDL_E_FILTER, SPDL_E_LIMIT, SPDL_E_DEADLINE,
 *   SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID, SPDL_E_MEMORY. After a deadline or
 *   a cancellation the next call goes on.
 * @threads safe; a decoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_decoder_pull(const spdl_decoder *decoder, int64_t num_frames,
                                       const spdl_limits *limits, spdl_frames **out_frames,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** spdl_decoder_pull() on a queue: completes with SPDL_KIND_FRAMES, or with SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_decoder_pull_submit(spdl_queue *queue, uint64_t tag,
                                              const spdl_decoder *decoder, int64_t num_frames,
                                              const spdl_limits *limits,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Frames that came from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_decoder_free(spdl_decoder *decoder) SPDL_NOEXCEPT;

/** Some frames of a video, and what became of each that was asked for. A value. */
typedef struct spdl_samples spdl_samples;

/** Decode some frames, and of the others no more than these need: from the key frame before each to
 * the frame itself. Idle workers of the pool share the work; the result does not depend on how many
 * there are. Each frame is filtered alone.
 * @param packets of a video.
 * @param indices `num_indices` numbers, ascending: 0 is the first frame of the window, as time goes.
 *   Each is less than `spdl_packets_info.num_in_window`.
 * @param options may be NULL; `num_frames` is not used. With SPDL_DECODE_STRICT a packet that does
 *   not decode fails the frames that come after it and before the next key frame.
 * @param limits may be NULL; `max_frames` and `max_bytes` count the frames that are asked for.
 * @return SPDL_OK (also if frames could not be decoded: they are failures of the sample),
 *   SPDL_E_UNSUPPORTED (codec), SPDL_E_OPTION, SPDL_E_FILTER (also a filter that makes no frame of
 *   a single one), SPDL_E_LIMIT, SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_sample(const spdl_packets *packets, const int64_t *indices,
                                         size_t num_indices, const spdl_decode_options *options,
                                         const spdl_limits *limits, spdl_samples **out_samples,
                                         spdl_error *err) SPDL_NOEXCEPT;
/** spdl_packets_sample() on a queue: completes with SPDL_KIND_SAMPLES.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_sample_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_packets *packets, const int64_t *indices,
                                                size_t num_indices,
                                                const spdl_decode_options *options,
                                                const spdl_limits *limits,
                                                spdl_error *err) SPDL_NOEXCEPT;

/** What became of a sample. The pointer lives as long as the handle. */
typedef struct spdl_samples_info {
  uint32_t struct_size;       /**< `sizeof(spdl_samples_info)`, set by the caller. */
  uint32_t num_frames;        /**< That were decoded. */
  uint32_t num_failed;
  uint32_t reserved;          /**< 0. */
  const int64_t *indices;     /**< Of the `num_frames` frames, ascending. */
} spdl_samples_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_samples_get_info(const spdl_samples *samples, spdl_samples_info *out_info,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** One of the frames, as SPDL_MEDIA_IMAGE.
 * @param position 0 ≤ position < num_frames; `indices[position]` says which frame it is.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_samples_get_frame(const spdl_samples *samples, uint32_t position,
                                            spdl_frames **out_frames,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** Why a frame is missing.
 * @param position 0 ≤ position < num_failed; `out_failure->item` is the frame's index.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_samples_get_failure(const spdl_samples *samples, uint32_t position,
                                              spdl_error *out_failure,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** End a handle; frames taken from it stay valid.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_samples_free(spdl_samples *samples) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_DECODE_H */
