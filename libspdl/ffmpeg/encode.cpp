// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/encode.h"

#include <algorithm>

#include "base/in_use.h"
#include "base/trace.h"

namespace spdl::ffmpeg {
namespace {

Error invalid(const std::string &message) { return {Status::invalid, Origin::encode, message}; }

std::string describe_samples(const char *format, int sample_rate, int num_channels) {
  return std::string(format) + ", " + std::to_string(sample_rate) + " Hz, " +
         std::to_string(num_channels) + " channels";
}

std::string describe_picture(const char *format, int width, int height) {
  return std::string(format) + ", " + std::to_string(width) + "x" + std::to_string(height);
}

const char *name_of(AVPixelFormat format) {
  const char *name = av_get_pix_fmt_name(format);
  return name ? name : "none";
}

const char *name_of(AVSampleFormat format) {
  const char *name = av_get_sample_fmt_name(format);
  return name ? name : "none";
}

}  // namespace

Encoder::Encoder(CodecContextPtr context, std::string destination, int stream_index)
    : context_(std::move(context)),
      destination_(std::move(destination)),
      stream_index_(stream_index) {
  auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
  if (avcodec_parameters_from_context(parameters.get(), context_.get()) < 0) throw std::bad_alloc();
  const bool is_audio = context_->codec_type == AVMEDIA_TYPE_AUDIO;
  codec_ = make_codec(is_audio ? Media::audio : Media::video, *parameters, context_->time_base,
                      is_audio ? AVRational{0, 1} : context_->framerate);
}

std::string Encoder::name() const {
  return destination_ + ": the encoder of stream " + std::to_string(stream_index_) + " (" +
         context_->codec->name + ")";
}

Result<void> Encoder::check_usable() const {
  if (generation_ != process_generation())
    return Error{Status::forked, Origin::encode, name() + " belongs to the parent process."};
  if (is_closed_) return invalid(name() + " is closed, as its file is.");
  if (is_failed_)
    return invalid(name() + " failed in the middle of an earlier operation; begin a new file.");
  if (is_flushed_) return invalid(name() + " was flushed and takes no more frames.");
  return {};
}

Result<void> Encoder::check_frames(const Frames &frames) const {
  if (frames.is_audio() != is_audio())
    return invalid(name() + " takes " + (is_audio() ? "samples" : "pictures") + ", not " +
                   (is_audio() ? "pictures." : "samples."));
  const AVCodecContext &to = *context_;
  for (const auto &frame : frames.frames) {
    const int channels = frame->ch_layout.nb_channels;
    std::string got, wanted;
    if (is_audio()) {
      if (frame->format == to.sample_fmt && frame->sample_rate == to.sample_rate &&
          channels == to.ch_layout.nb_channels)
        continue;
      got = describe_samples(format_name(*frame, true), frame->sample_rate, channels);
      wanted = describe_samples(name_of(to.sample_fmt), to.sample_rate, to.ch_layout.nb_channels);
    } else {
      if (frame->format == to.pix_fmt && frame->width == to.width && frame->height == to.height)
        continue;
      got = describe_picture(format_name(*frame, false), frame->width, frame->height);
      wanted = describe_picture(name_of(to.pix_fmt), to.width, to.height);
    }
    return Error{Status::mismatch, Origin::encode,
                 name() + " was set up for " + wanted + ", but the frames are " + got +
                     "; bring them to that with a filter."};
  }
  return {};
}

Result<PacketsPtr> Encoder::encode(const Frames &frames, const Limits &limits) {
  return run(&frames, limits);
}

Result<PacketsPtr> Encoder::flush(const Limits &limits) { return run(nullptr, limits); }

// Without frames: the end.
Result<PacketsPtr> Encoder::run(const Frames *frames, const Limits &limits) {
  const InUse in_use(in_use_);
  if (!in_use.is_held())
    return Error{Status::busy, Origin::encode, name() + " is used by another thread."};
  SPDL_TRY(check_usable());
  if (frames) SPDL_TRY(check_frames(*frames));
  SPDL_TRY(limits.check(Origin::encode, name()));
  auto packets = std::make_shared<Packets>();
  packets->media = media();
  packets->source = destination_;
  packets->stream_index = stream_index_;
  packets->codec = codec_;
  const trace::Stage stage("encode", destination_);
  auto done = frames ? send_all(*frames, *packets, limits) : finish(*packets, limits);
  if (!done) {
    if (!packets->packets.empty()) has_lost_ = true;
    is_failed_ = true;
    return std::move(done).error();
  }
  const bool has_delay = context_->codec->capabilities & AV_CODEC_CAP_DELAY;
  is_holding_ = frames && (num_in_block_ > 0 || (has_delay && next_pts_ != AV_NOPTS_VALUE));
  if (packets->packets.empty()) return Error{Status::eof, Origin::encode, ""};
  return packets;
}

Result<void> Encoder::send_all(const Frames &frames, Packets &to, const Limits &limits) {
  for (const auto &frame : frames.frames) {
    SPDL_TRY(limits.check(Origin::encode, name()));
    SPDL_TRY(is_audio() ? send_samples(*frame, frames.time_base, to, limits)
                        : send_picture(*frame, frames.time_base, to, limits));
  }
  return {};
}

// A time of the input in ticks of the encoder. What has none follows what came before.
Result<int64_t> Encoder::follow(int64_t pts, AVRational time_base) const {
  const int64_t expected = next_pts_ == AV_NOPTS_VALUE ? 0 : next_pts_;
  if (pts == AV_NOPTS_VALUE || time_base.num <= 0) return expected;
  // A time that does not fit becomes INT64_MIN.
  const int64_t ticks = av_rescale_q(pts, time_base, context_->time_base);
  if (next_pts_ == AV_NOPTS_VALUE && ticks != AV_NOPTS_VALUE) return ticks;
  // Samples whose times are in coarser ticks begin up to a tick off.
  const int64_t slack = is_audio() ? av_rescale_q(1, time_base, context_->time_base) : 0;
  int64_t ahead;
  const bool is_far = __builtin_sub_overflow(ticks, expected, &ahead);
  if (!is_far && ahead >= -slack && ahead <= slack) return expected;
  if (ticks >= expected) return ticks;
  const auto seconds = [&](int64_t time) {
    return std::to_string(to_seconds(time, context_->time_base)) + " s";
  };
  return Error{Status::mismatch, Origin::encode,
               name() + ": the frames at " + seconds(ticks) + " must not begin before " +
                   seconds(expected) + ", after those that were encoded already" +
                   (is_audio() ? "." : "; with a higher frame rate there are more ticks.")}
      .at_time(to_seconds(pts, time_base));
}

Result<void> Encoder::send_picture(const AVFrame &picture, AVRational time_base, Packets &to,
                                   const Limits &limits) {
  SPDL_TRY_ASSIGN(const int64_t pts, follow(picture.pts, time_base));
  auto frame = own<FramePtr>(av_frame_clone(&picture));
  frame->pts = pts;
  next_pts_ = add_ticks(pts, 1);
  duration_of(*frame) = 1;
  frame->pict_type = AV_PICTURE_TYPE_NONE;  // what it was decoded from is no wish
  if (context_->flags & AV_CODEC_FLAG_QSCALE) frame->quality = context_->global_quality;
  if (context_->colorspace != AVCOL_SPC_UNSPECIFIED) frame->colorspace = context_->colorspace;
  if (context_->color_primaries != AVCOL_PRI_UNSPECIFIED)
    frame->color_primaries = context_->color_primaries;
  if (context_->color_trc != AVCOL_TRC_UNSPECIFIED) frame->color_trc = context_->color_trc;
  return send(frame.get(), to, limits);
}

FramePtr Encoder::make_block() const {
  auto block = make_frame();
  block->format = context_->sample_fmt;
  block->sample_rate = context_->sample_rate;
  block->nb_samples = context_->frame_size;
  if (av_channel_layout_copy(&block->ch_layout, &context_->ch_layout) < 0 ||
      av_frame_get_buffer(block.get(), 0) < 0)
    throw std::bad_alloc();
  return block;
}

// However samples are divided into frames, the encoder gets the same blocks of its own size.
Result<void> Encoder::send_samples(const AVFrame &samples, AVRational time_base, Packets &to,
                                   const Limits &limits) {
  SPDL_TRY_ASSIGN(const int64_t pts, follow(samples.pts, time_base));
  next_pts_ = add_ticks(pts, samples.nb_samples);
  if (context_->frame_size == 0) {
    auto frame = own<FramePtr>(av_frame_clone(&samples));
    frame->pts = pts;
    return samples.nb_samples > 0 ? send(frame.get(), to, limits) : Result<void>();
  }
  for (int done = 0; done < samples.nb_samples;) {
    if (!block_) {
      block_ = make_block();
      block_->pts = add_ticks(pts, done);
    }
    const int count = std::min(context_->frame_size - num_in_block_, samples.nb_samples - done);
    av_samples_copy(block_->extended_data, samples.extended_data, num_in_block_, done, count,
                    context_->ch_layout.nb_channels, context_->sample_fmt);
    num_in_block_ += count;
    done += count;
    if (num_in_block_ < context_->frame_size) break;
    const FramePtr full = std::move(block_);
    num_in_block_ = 0;
    SPDL_TRY(send(full.get(), to, limits));
    SPDL_TRY(limits.check(Origin::encode, name()));
  }
  return {};
}

Result<void> Encoder::finish(Packets &to, const Limits &limits) {
  if (block_) {
    block_->nb_samples = num_in_block_;
    const FramePtr last = std::move(block_);
    num_in_block_ = 0;
    SPDL_TRY(send(last.get(), to, limits));
  }
  SPDL_TRY(send(nullptr, to, limits));
  is_flushed_ = true;
  return {};
}

Result<void> Encoder::send(const AVFrame *frame, Packets &to, const Limits &limits) {
  const int code = avcodec_send_frame(context_.get(), frame);
  if (code < 0)
    return failure(Status::unsupported, Origin::encode, name() + " refused a frame", code, limits)
        .at_time(to_seconds(frame ? frame->pts : AV_NOPTS_VALUE, context_->time_base));
  return receive(to, limits);
}

Result<void> Encoder::receive(Packets &to, const Limits &limits) {
  for (;;) {
    auto packet = make_packet();
    const int code = avcodec_receive_packet(context_.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
    if (code < 0)
      return failure(Status::unsupported, Origin::encode, name() + " could not encode a frame",
                     code, limits);
    packet->stream_index = stream_index_;
    to.num_bytes += packet->size;
    SPDL_TRY(limits.check_bytes(Origin::encode, to.num_bytes, name()));
    to.packets.push_back(std::move(packet));
    SPDL_TRY(limits.check(Origin::encode, name()));
  }
}

}  // namespace spdl::ffmpeg
