// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/preroll.h"

#include "ffmpeg/recovery.h"

namespace spdl::ffmpeg {
namespace {

// Seconds of audio that decoders are given to come to the exact samples: Opus asks for the most.
constexpr spdl_rational audio_preroll{1, 1};

spdl_rational minus(spdl_rational a, spdl_rational b) {
  int64_t scaled, num;
  if (__builtin_mul_overflow(b.num, a.den, &scaled) || __builtin_sub_overflow(a.num, scaled, &num))
    return a;
  return {num, a.den};
}

// The ranges of AVCodecID: PCM decodes from any sample on; ADPCM and DPCM carry their state from
// the first one, so only a decoder that began there is exact.
bool is_pcm(AVCodecID id) { return id >= AV_CODEC_ID_PCM_S16LE && id < AV_CODEC_ID_ADPCM_IMA_QT; }
bool needs_beginning(AVCodecID id) {
  return (id >= AV_CODEC_ID_ADPCM_IMA_QT && id < AV_CODEC_ID_AMR_NB) ||
         (id >= AV_CODEC_ID_ROQ_DPCM && id < AV_CODEC_ID_MP2);
}

}  // namespace

Preroll::Preroll(const AVStream &stream, const Window &window)
    : stream_(stream), is_audio_(stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
  const AVCodecID id = stream.codecpar->codec_id;
  if (!window.start || needs_beginning(id)) return;
  const spdl_rational time =
      is_audio_ && !is_pcm(id) ? minus(*window.start, audio_preroll) : *window.start;
  latest_start_ = floor_ticks(time, stream.time_base);
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
