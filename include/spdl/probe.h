/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Probing: what an open source says of itself and of its streams, without decoding.
 *
 * All of it is as it was when the demuxer was opened. The strings and lists live as long as the
 * demuxer's handle; a string that is unknown is "".
 */
#ifndef SPDL_PROBE_H
#define SPDL_PROBE_H

#include "demux.h"

SPDL_BEGIN_DECLS

/** Which times are known: `spdl_container_info.known`, `spdl_stream_info.known`. */
enum {
  SPDL_KNOWN_START_TIME = 1,
  SPDL_KNOWN_DURATION = 2
};

/** What the container says. */
typedef struct spdl_container_info {
  uint32_t struct_size;       /**< `sizeof(spdl_container_info)`, set by the caller. */
  uint32_t known;             /**< SPDL_KNOWN_*. */
  const char *format;         /**< FFmpeg's name of the demuxer: "mov,mp4,m4a,3gp,3g2,mj2". */
  const char *description;    /**< The name for people: "QuickTime / MOV". */
  spdl_rational start_time;   /**< Seconds at which the source's clock begins; 0/1 if unknown. */
  spdl_rational duration;     /**< Seconds; 0/1 if unknown. */
  int64_t bit_rate;           /**< Bits per second, of all streams; 0 if unknown. */
  const spdl_entry *metadata; /**< Tags such as "title". */
  uint32_t num_metadata;
  uint32_t num_streams;
} spdl_container_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_get_container(const spdl_demuxer *demuxer,
                                                spdl_container_info *out_info,
                                                spdl_error *err) SPDL_NOEXCEPT;

/** Kinds of streams: `spdl_stream_info.kind`. */
enum {
  SPDL_STREAM_UNKNOWN = 0,
  SPDL_STREAM_AUDIO = 1,
  SPDL_STREAM_VIDEO = 2,
  SPDL_STREAM_SUBTITLE = 3,
  SPDL_STREAM_DATA = 4,
  SPDL_STREAM_ATTACHMENT = 5
};

/** What the author of a source says of a stream: `spdl_stream_info.disposition`. */
enum {
  SPDL_DISPOSITION_DEFAULT = 1,         /**< What players begin with. */
  SPDL_DISPOSITION_ATTACHED_PICTURE = 2 /**< A single picture, as the cover of an album. */
};

/** What a stream is. Numbers that do not belong to its kind are 0. */
typedef struct spdl_stream_info {
  uint32_t struct_size;       /**< `sizeof(spdl_stream_info)`, set by the caller. */
  uint32_t known;             /**< SPDL_KNOWN_*. */
  int32_t kind;               /**< SPDL_STREAM_*. */
  uint32_t disposition;       /**< SPDL_DISPOSITION_*. */
  const char *codec;          /**< FFmpeg's name of the codec: "h264". */
  const char *profile;        /**< Of the codec: "High". */
  const char *format;         /**< Pixel or sample format: "yuv420p", "fltp". */
  spdl_rational time_base;    /**< Seconds per tick. */
  spdl_rational start_time;   /**< Seconds in the source's own clock; 0/1 if unknown. */
  spdl_rational duration;     /**< Seconds; 0/1 if unknown. */
  int64_t bit_rate;           /**< Bits per second; 0 if unknown. */
  int64_t num_frames;         /**< As the header says; 0 if it does not. */
  int32_t bits_per_sample;    /**< Of the codec; 0 if unknown. */
  int32_t sample_rate;        /**< In Hz. */
  int32_t num_channels;
  int32_t width;              /**< In pixels, before rotation. */
  int32_t height;             /**< In pixels, before rotation. */
  uint32_t num_metadata;
  const char *channel_layout; /**< "stereo". */
  spdl_rational frame_rate;   /**< Pictures per second; 0/1 if unknown. */
  spdl_rational sample_aspect_ratio; /**< Width of a pixel to its height; 0/1 if unknown. */
  double rotation;            /**< Degrees by which a player turns the pictures clockwise: from 0 to
                                   less than 360. Decoded pictures are not turned. */
  const char *color_range;    /**< FFmpeg's names: "tv" (limited) or "pc" (full). */
  const char *color_space;    /**< Matrix: "bt709". */
  const char *color_primaries;
  const char *color_transfer;
  const spdl_entry *metadata; /**< Tags such as "language". */
} spdl_stream_info;

/** @param index 0 ≤ index < `spdl_container_info.num_streams`.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_demuxer_get_stream(const spdl_demuxer *demuxer, uint32_t index,
                                             spdl_stream_info *out_info,
                                             spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_PROBE_H */
