// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/preroll.h"

#include "ffmpeg/recovery.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace spdl::ffmpeg {
namespace {

// Milliseconds of audio that decoders are given to come to the exact samples: Opus asks for the
// most.
constexpr int64_t audio_preroll = 1000;
// MPEG-1 layer III borrows up to 511 bytes from frames before, of which each lends 58 at least: 9
// frames, of 36 ms at most. Two more for the filters.
constexpr int64_t mp3_preroll = 400;

// The ranges of AVCodecID: PCM decodes from any sample on; ADPCM and DPCM carry their state from
// the first one, so only a decoder that began there is exact.
bool is_pcm(AVCodecID id) { return id >= AV_CODEC_ID_PCM_S16LE && id < AV_CODEC_ID_ADPCM_IMA_QT; }
bool needs_beginning(AVCodecID id) {
  return (id >= AV_CODEC_ID_ADPCM_IMA_QT && id < AV_CODEC_ID_AMR_NB) ||
         (id >= AV_CODEC_ID_ROQ_DPCM && id < AV_CODEC_ID_MP2);
}

// Every packet is decoded by itself.
bool is_stateless(AVCodecID id) {
  return is_pcm(id) || id == AV_CODEC_ID_FLAC || id == AV_CODEC_ID_ALAC;
}

// In ticks.
int64_t preroll_of(const AVStream &stream) {
  constexpr int lowest_mpeg1_rate = 32000;
  const AVCodecParameters &parameters = *stream.codecpar;
  if (is_stateless(parameters.codec_id)) return 0;
  const bool is_mp3 =
      parameters.codec_id == AV_CODEC_ID_MP3 && parameters.sample_rate >= lowest_mpeg1_rate;
  return av_rescale_q_rnd(is_mp3 ? mp3_preroll : audio_preroll, {1, 1000}, stream.time_base,
                          AV_ROUND_UP);
}

}  // namespace

Preroll::Preroll(const AVStream &stream, const Window &window)
    : stream_(stream), is_audio_(stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
  const AVCodecID id = stream.codecpar->codec_id;
  if (!window.start || needs_beginning(id)) return;
  latest_start_ = floor_ticks(*window.start, stream.time_base);
  if (is_audio_) latest_start_ = add_ticks(*latest_start_, -preroll_of(stream));
}

bool Preroll::can_begin(const AVPacket &packet) const {
  if (!latest_start_ || !(packet.flags & AV_PKT_FLAG_KEY)) return false;
  const auto num_wrong = frames_to_recover(packet, *stream_.codecpar);
  if (!num_wrong) return false;
  int64_t num_frames = *num_wrong;
  int64_t time = packet.pts;
  if (time == AV_NOPTS_VALUE) {
    // AVI and MPEG-PS may tell only when a picture is decoded. It is shown at most so much later.
    time = packet.dts;
    num_frames += max_reorder + 1;
  }
  if (time == AV_NOPTS_VALUE) return false;
  if (num_frames == 0) return time <= *latest_start_;
  const int64_t duration = frame_duration(packet);
  return duration > 0 && time <= add_ticks(*latest_start_, -num_frames * duration);
}

// In ticks; 0 if unknown.
int64_t Preroll::frame_duration(const AVPacket &packet) const {
  int64_t duration = packet.duration;
  if (duration <= 0 && stream_.avg_frame_rate.num > 0)
    duration = av_rescale_q(1, av_inv_q(stream_.avg_frame_rate), stream_.time_base);
  return duration > INT32_MAX ? 0 : duration;
}

bool Preroll::is_over(const AVPacket &packet) const {
  return is_audio_ && latest_start_ && packet.pts != AV_NOPTS_VALUE && packet.duration > 0 &&
         add_ticks(packet.pts, packet.duration) <= *latest_start_;
}

}  // namespace spdl::ffmpeg
