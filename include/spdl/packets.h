/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Packets: encoded units of one stream, in decode order, and the codec they need.
 *
 * Packets and codecs are values: immutable, shareable between threads, usable any number of times.
 */
#ifndef SPDL_PACKETS_H
#define SPDL_PACKETS_H

#include "buffer.h"
#include "source.h"
#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_packets spdl_packets;
typedef struct spdl_codec spdl_codec;

enum {
  SPDL_WINDOW_START = 1,      /**< `start` is set; otherwise from the beginning. */
  SPDL_WINDOW_END = 2         /**< `end` is set; otherwise to the end. */
};

/** A half-open range of time [start, end) in seconds of the source's own clock. */
typedef struct spdl_window {
  uint32_t struct_size;       /**< `sizeof(spdl_window)`. */
  uint32_t flags;             /**< SPDL_WINDOW_*. */
  spdl_rational start;
  spdl_rational end;
} spdl_window;

/** What packets are. */
typedef struct spdl_packets_info {
  uint32_t struct_size;       /**< `sizeof(spdl_packets_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_*. */
  const char *source;         /**< Name of the source. Lives as long as the handle. */
  int32_t stream_index;       /**< In the source; -1 for a still image read without a container. */
  uint32_t num_packets;       /**< All packets, pre-roll included. */
  uint32_t num_in_window;     /**< Packets with start <= pts < end; without a window: all. */
  uint32_t window_flags;      /**< SPDL_WINDOW_*. */
  spdl_rational window_start;
  spdl_rational window_end;
  int64_t num_bytes;          /**< Of all packets. */
} spdl_packets_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_get_info(const spdl_packets *packets, spdl_packets_info *out_info,
                                           spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_TIMESTAMPS_RAW = 1     /**< All packets in decode order, not those in the window, sorted. */
};

/** Presentation times in seconds; NaN where the source gives none.
 * @param flags SPDL_TIMESTAMPS_*.
 * @param out_seconds room for `num_seconds` values.
 * @param out_num the number of values there are; at most `num_seconds` of them are written.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_get_timestamps(const spdl_packets *packets, uint32_t flags,
                                                 double *out_seconds, size_t num_seconds,
                                                 size_t *out_num, spdl_error *err) SPDL_NOEXCEPT;

/** The codec of the packets. For a still image this reads its header, once.
 * A format that the header does not tell is "".
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_get_codec(const spdl_packets *packets, spdl_codec **out_codec,
                                            spdl_error *err) SPDL_NOEXCEPT;

/** Packets as one array of bytes, from which spdl_packets_deserialize() makes them again: in another
 * process, on another machine, with another version of FFmpeg that knows their codec.
 * @param out_buffer of shape (bytes,), type `|u1`.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_serialize(const spdl_packets *packets, spdl_buffer **out_buffer,
                                            spdl_error *err) SPDL_NOEXCEPT;

enum {
  SPDL_DESERIALIZE_COPY = 1   /**< Copy the memory, so that it comes back at once. */
};

/** Packets out of bytes that spdl_packets_serialize() made. They point into the memory, and so may
 * what is decoded from them, unless it is copied. The bytes need not be trusted.
 * @param media SPDL_MEDIA_*; SPDL_MEDIA_NONE takes packets of any kind.
 * @param flags SPDL_DESERIALIZE_*.
 * @return SPDL_OK, SPDL_E_CORRUPT (not such bytes, of another version, cut or damaged),
 *   SPDL_E_MISMATCH (another kind of media), SPDL_E_LIMIT (a JPEG of too many scans),
 *   SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_packets_deserialize(const spdl_memory *memory, int32_t media,
                                              uint32_t flags, spdl_packets **out_packets,
                                              spdl_error *err) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_packets_free(spdl_packets *packets) SPDL_NOEXCEPT;

/** What a codec is, as the source's headers say. The strings live as long as the handle. */
typedef struct spdl_codec_info {
  uint32_t struct_size;       /**< `sizeof(spdl_codec_info)`, set by the caller. */
  int32_t media;              /**< SPDL_MEDIA_*. */
  const char *name;           /**< FFmpeg's name of the codec: "h264". */
  const char *format;         /**< Pixel or sample format: "yuv420p", "fltp"; "" if unknown. */
  const char *channel_layout; /**< "stereo"; "" for pictures. */
  int64_t bit_rate;           /**< Bits per second; 0 if unknown. */
  int32_t bits_per_sample;    /**< Of coded samples; 0 if unknown. */
  int32_t width;              /**< In pixels; 0 for audio. */
  int32_t height;             /**< In pixels; 0 for audio. */
  int32_t sample_rate;        /**< In Hz; 0 for pictures. */
  int32_t num_channels;       /**< 0 for pictures. */
  int32_t reserved;           /**< 0. */
  spdl_rational time_base;    /**< Seconds per tick of the stream. */
  spdl_rational frame_rate;   /**< 0/1 if unknown, and for audio. */
  spdl_rational sample_aspect_ratio; /**< 0/1 if unknown, and for audio. */
} spdl_codec_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_codec_get_info(const spdl_codec *codec, spdl_codec_info *out_info,
                                         spdl_error *err) SPDL_NOEXCEPT;

/** End a handle.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_codec_free(spdl_codec *codec) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_PACKETS_H */
