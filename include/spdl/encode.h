/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Encoding and muxing: frames → packets → file.
 *
 * A muxer is made for a destination. Streams are added, which gives an encoder for each that is
 * encoded; then it is opened, packets are written, and it is closed. Encoders and muxers are
 * machines: one operation at a time; a second one gets SPDL_E_BUSY. An operation that fails in its
 * middle leaves an encoder or a muxer that takes no more; what a muxer wrote is then not complete.
 */
#ifndef SPDL_ENCODE_H
#define SPDL_ENCODE_H

#include "frames.h"
#include "packets.h"
#include "queue.h"

SPDL_BEGIN_DECLS

typedef struct spdl_encoder spdl_encoder;
typedef struct spdl_muxer spdl_muxer;

enum {
  SPDL_ENCODE_BIT_RATE = 1,          /**< `bit_rate` is set; otherwise the encoder's default. */
  SPDL_ENCODE_COMPRESSION_LEVEL = 2, /**< Likewise `compression_level`. */
  SPDL_ENCODE_QSCALE = 4,            /**< Likewise `qscale`. */
  SPDL_ENCODE_GOP_SIZE = 8,          /**< Likewise `gop_size`. */
  SPDL_ENCODE_MAX_B_FRAMES = 16      /**< Likewise `max_b_frames`. */
};

/** What is encoded, and how. */
typedef struct spdl_encode_options {
  uint32_t struct_size;       /**< `sizeof(spdl_encode_options)`. */
  uint32_t flags;             /**< SPDL_ENCODE_*. */
  int32_t media;              /**< SPDL_MEDIA_AUDIO, or VIDEO or IMAGE for pictures. */
  int32_t compression_level;
  const char *encoder;        /**< FFmpeg's name of the encoder; NULL: the container's default. */
  const spdl_option *encoder_options; /**< Options of the encoder; "threads" is 1 by default. */
  uint32_t num_encoder_options;
  int32_t qscale;             /**< 0 to 1000: quality as in FFmpeg's -q; 0 is the best. */
  const char *format;         /**< Pixel or sample format of the frames. */
  int32_t width;              /**< In pixels; unused for audio. */
  int32_t height;             /**< In pixels; unused for audio. */
  spdl_rational frame_rate;   /**< Pictures per second: the packets' clock. 0/0: 25/1. */
  int32_t sample_rate;        /**< In Hz; unused for pictures. */
  int32_t num_channels;       /**< 1 to 1024; unused for pictures. */
  int64_t bit_rate;           /**< Bits per second. */
  int32_t gop_size;           /**< Pictures from key frame to key frame. */
  int32_t max_b_frames;
  const char *color_space;    /**< FFmpeg's names: "bt709"; NULL: as the frames say. */
  const char *color_primaries;
  const char *color_trc;
} spdl_encode_options;

/** What an encoder is. The strings live as long as the handle. */
typedef struct spdl_encoder_info {
  uint32_t struct_size;       /**< `sizeof(spdl_encoder_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_AUDIO or VIDEO. */
  const char *name;           /**< FFmpeg's name of the encoder: "mpeg4". */
  int32_t frame_size;         /**< Samples in each packet but the last; 0: any, and for pictures. */
  uint32_t reserved;          /**< 0. */
  spdl_rational time_base;    /**< Seconds per tick of the packets. */
} spdl_encoder_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_encoder_get_info(const spdl_encoder *encoder, spdl_encoder_info *out_info,
                                           spdl_error *err) SPDL_NOEXCEPT;

/** Encode frames. What comes out does not depend on how samples are divided into calls and frames
 * as long as `frame_size` is not 0. Times are rounded to the encoder's clock; frames without one
 * follow the frame before.
 * @param frames of the encoder's format and size.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_EOF (no packet came out yet), SPDL_E_MISMATCH (other frames, or not later
 *   than those before), SPDL_E_UNSUPPORTED (refused), SPDL_E_LIMIT, SPDL_E_DEADLINE,
 *   SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID (flushed, closed or failed before,
 *   or frames of another kind), SPDL_E_MEMORY.
 * @threads safe; an encoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_encoder_encode(const spdl_encoder *encoder, const spdl_frames *frames,
                                         const spdl_limits *limits, spdl_packets **out_packets,
                                         spdl_error *err) SPDL_NOEXCEPT;
/** spdl_encoder_encode() on a queue: completes with SPDL_KIND_PACKETS, or SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_encoder_encode_submit(spdl_queue *queue, uint64_t tag,
                                                const spdl_encoder *encoder,
                                                const spdl_frames *frames,
                                                const spdl_limits *limits,
                                                spdl_error *err) SPDL_NOEXCEPT;

/** End the stream: encode what is held back. The encoder takes no frames afterwards.
 * @param limits may be NULL.
 * @return as spdl_encoder_encode(); SPDL_EOF: nothing was held back.
 * @threads safe; an encoder in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_encoder_flush(const spdl_encoder *encoder, const spdl_limits *limits,
                                        spdl_packets **out_packets, spdl_error *err) SPDL_NOEXCEPT;
/** spdl_encoder_flush() on a queue: completes with SPDL_KIND_PACKETS, or SPDL_EOF.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_encoder_flush_submit(spdl_queue *queue, uint64_t tag,
                                               const spdl_encoder *encoder,
                                               const spdl_limits *limits,
                                               spdl_error *err) SPDL_NOEXCEPT;

/** Say that packets which came out are lost: the encoder takes no more, and the file is not complete.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_encoder_give_up(const spdl_encoder *encoder,
                                          spdl_error *err) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_encoder_free(spdl_encoder *encoder) SPDL_NOEXCEPT;

enum {
  SPDL_MUXER_URL = 1          /**< The destination is a URL, not the path of a local file. */
};

typedef struct spdl_muxer_options {
  uint32_t struct_size;       /**< `sizeof(spdl_muxer_options)`. */
  uint32_t flags;             /**< SPDL_MUXER_*. */
  const char *format;         /**< FFmpeg's name of the container; NULL: by the extension. */
} spdl_muxer_options;

/** Make a muxer. Nothing is opened yet.
 * @param destination path, taken as it is, or URL.
 * @param options may be NULL.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (container), SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_muxer_create(const char *destination, const spdl_muxer_options *options,
                                       spdl_muxer **out_muxer, spdl_error *err) SPDL_NOEXCEPT;

/** Add a stream that is encoded. Streams count from 0 in the order in which they are added.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (the encoder, or a format, rate or channels that it does not
 *   take: the message lists what it does), SPDL_E_OPTION, SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID (also once open), SPDL_E_MEMORY.
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_add_encode_stream(const spdl_muxer *muxer,
                                                  const spdl_encode_options *options,
                                                  spdl_encoder **out_encoder,
                                                  spdl_error *err) SPDL_NOEXCEPT;

/** Add a stream for packets that were demuxed.
 * @return SPDL_OK, SPDL_E_UNSUPPORTED (the container cannot hold it), SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID (also once open), SPDL_E_MEMORY.
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_add_remux_stream(const spdl_muxer *muxer, const spdl_codec *codec,
                                                 spdl_error *err) SPDL_NOEXCEPT;

/** Create the file, or empty it, and write the header.
 * @param options of the container; may be NULL if there is none.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_NOT_FOUND (the folder), SPDL_E_IO, SPDL_E_UNSUPPORTED, SPDL_E_OPTION,
 *   SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED, SPDL_E_INVALID (no stream, or
 *   opened before), SPDL_E_MEMORY.
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_open(const spdl_muxer *muxer, const spdl_option *options,
                                     uint32_t num_options, const spdl_limits *limits,
                                     spdl_error *err) SPDL_NOEXCEPT;
/** spdl_muxer_open() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_muxer_open_submit(spdl_queue *queue, uint64_t tag,
                                            const spdl_muxer *muxer, const spdl_option *options,
                                            uint32_t num_options, const spdl_limits *limits,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** Write packets; their times keep, in ticks of the container. Packets of several streams are
 * interleaved by time, for which some wait in memory.
 * @param stream_index from 0, in the order in which the streams were added.
 * @param limits may be NULL.
 * @return SPDL_OK, SPDL_E_IO, SPDL_E_MISMATCH (packets of another codec), SPDL_E_UNSUPPORTED
 *   (refused by the container), SPDL_E_DEADLINE, SPDL_E_CANCELLED, SPDL_E_BUSY, SPDL_E_FORKED,
 *   SPDL_E_INVALID (no such stream, or not open), SPDL_E_MEMORY.
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_write(const spdl_muxer *muxer, uint32_t stream_index,
                                      const spdl_packets *packets, const spdl_limits *limits,
                                      spdl_error *err) SPDL_NOEXCEPT;
/** spdl_muxer_write() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_muxer_write_submit(spdl_queue *queue, uint64_t tag,
                                             const spdl_muxer *muxer, uint32_t stream_index,
                                             const spdl_packets *packets, const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** Write what waits in memory.
 * @param limits may be NULL.
 * @return as spdl_muxer_write().
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_flush(const spdl_muxer *muxer, const spdl_limits *limits,
                                      spdl_error *err) SPDL_NOEXCEPT;
/** spdl_muxer_flush() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_muxer_flush_submit(spdl_queue *queue, uint64_t tag,
                                             const spdl_muxer *muxer, const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** Write the end and close the file, whatever the status. Its encoders take no more frames.
 * @param limits may be NULL.
 * @return SPDL_OK (also if it was closed before), as spdl_muxer_write(); SPDL_E_INVALID: it was
 *   never opened, or an encoder was not flushed; SPDL_E_IO also: it failed before, or
 *   packets that came out of an encoder are lost.
 * @threads safe; a muxer in use answers SPDL_E_BUSY. @since 0.1 */
SPDL_API spdl_status spdl_muxer_close(const spdl_muxer *muxer, const spdl_limits *limits,
                                      spdl_error *err) SPDL_NOEXCEPT;
/** spdl_muxer_close() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_muxer_close_submit(spdl_queue *queue, uint64_t tag,
                                             const spdl_muxer *muxer, const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. A file that was not closed is left as it is: without its end.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_muxer_free(spdl_muxer *muxer) SPDL_NOEXCEPT;

enum {
  SPDL_SAVE_CONVERT = 1       /**< Bring the picture to the size and format that are wanted. */
};

typedef struct spdl_save_options {
  uint32_t struct_size;       /**< `sizeof(spdl_save_options)`. */
  uint32_t flags;             /**< SPDL_SAVE_*. */
  const spdl_muxer_options *muxer; /**< May be NULL. */
  const spdl_option *muxer_options; /**< Options of the container. */
  uint32_t num_muxer_options;
  uint32_t reserved;          /**< 0. */
  const spdl_encode_options *encode; /**< May be NULL. Format and size that are not set are those of
                                   the picture; with SPDL_SAVE_CONVERT, the encoder's first format. */
  const char *filter_desc;    /**< With SPDL_SAVE_CONVERT: filters before; NULL: none. */
  const char *scale_algo;     /**< With SPDL_SAVE_CONVERT: flags of FFmpeg's scaler; or NULL. */
} spdl_save_options;

/** Write one picture to a file of its own: create, encode, write, close.
 * @param frames one picture.
 * @param destination as of spdl_muxer_create().
 * @param options may be NULL.
 * @param limits may be NULL.
 * @return as the functions of muxers and encoders; SPDL_E_FILTER, SPDL_E_LIMIT.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_save(const spdl_frames *frames, const char *destination,
                                      const spdl_save_options *options, const spdl_limits *limits,
                                      spdl_error *err) SPDL_NOEXCEPT;
/** spdl_frames_save() on a queue: completes with SPDL_KIND_NONE.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_frames_save_submit(spdl_queue *queue, uint64_t tag,
                                             const spdl_frames *frames, const char *destination,
                                             const spdl_save_options *options,
                                             const spdl_limits *limits,
                                             spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_ENCODE_H */
