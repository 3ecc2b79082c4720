// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/decoder.h"

#include <algorithm>

#include "base/process.h"
#include "base/trace.h"
#include "ffmpeg/still.h"

namespace spdl::ffmpeg {
namespace {

Result<const AVCodec *> find_decoder(const Codec &codec, const std::string &name) {
  const AVCodec *found = name.empty() ? avcodec_find_decoder(codec.parameters->codec_id)
                                      : avcodec_find_decoder_by_name(name.c_str());
  if (!found)
    return Error{Status::unsupported, Origin::decode,
                 "Unsupported codec: " + (name.empty() ? codec.name() : name)};
  if (found->type != codec.parameters->codec_type)
    return Error{Status::unsupported, Origin::decode,
                 "Unsupported codec: " + name + " does not decode " + to_string(codec.media) + "."};
  if (found->id != codec.parameters->codec_id)
    return Error{Status::unsupported, Origin::decode,
                 "Unsupported codec: the decoder " + name + " decodes " +
                     avcodec_get_name(found->id) + ", not " + codec.name() + "."};
  return found;
}

CodecContextPtr make_context(const Codec &codec, const AVCodec *decoder) {
  auto context = own<CodecContextPtr>(avcodec_alloc_context3(decoder));
  if (avcodec_parameters_to_context(context.get(), codec.parameters.get()) < 0)
    throw std::bad_alloc();
  // Decoders drop and time the priming samples of audio by it.
  context->pkt_timebase = codec.time_base;
  context->framerate = codec.frame_rate;
  return context;
}

// FFmpeg compares its own, aligned pictures with the limit: one whose size is known to keep it may
// be as large as that, but not as a strip of a few pixels would become.
int64_t max_aligned_pixels(const AVCodecParameters &parameters, int64_t max_pixels) {
  const auto align = [](int64_t size) { return (size + 63) / 64 * 64; };
  const int64_t aligned = align(parameters.width) * align(parameters.height);
  return std::max(max_pixels,
                  std::min(aligned, max_pixels > Limits::none / 2 ? Limits::none : 2 * max_pixels));
}

int open_context(AVCodecContext &context, const AVCodec *decoder, Options &options) {
  const ForkUnsafe guard;  // decoders that are not safe to open share a lock in libavcodec
  return avcodec_open2(&context, decoder, options.get());
}

struct Size {
  int width = 0;
  int height = 0;
};

// Takes down the size of the picture that a decoder wants to make, and makes it none.
int refuse_picture(AVCodecContext *context, AVFrame *frame, int) {
  *static_cast<Size *>(context->opaque) = {frame->width, frame->height};
  return AVERROR(EINVAL);
}

// Decoders of still pictures hold no tables as large as the picture.
bool is_intra_only(const AVCodecContext &context) {
  const AVCodecDescriptor *descriptor = avcodec_descriptor_get(context.codec_id);
  return descriptor && descriptor->props & AV_CODEC_PROP_INTRA_ONLY;
}

// The size of the picture in a packet, or zeros. FFmpeg's decoders forget a size that they refuse.
Size peek_size(const AVCodecContext &refused, const AVPacket &packet) {
  Size size;
  auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
  auto context = own<CodecContextPtr>(avcodec_alloc_context3(refused.codec));
  if (avcodec_parameters_from_context(parameters.get(), &refused) < 0 ||
      avcodec_parameters_to_context(context.get(), parameters.get()) < 0)
    throw std::bad_alloc();
  context->opaque = &size;
  context->get_buffer2 = refuse_picture;
  Options options;
  options.set("threads", "1");
  if (open_context(*context, refused.codec, options) < 0) return size;
  const auto frame = make_frame();
  avcodec_send_packet(context.get(), &packet);
  avcodec_receive_frame(context.get(), frame.get());
  return size;
}

}  // namespace

Result<Decoder> Decoder::open(const Codec &codec, const DecoderOptions &options,
                              const Limits &limits, const std::string &source) {
  const trace::Stage stage("open decoder", codec.name());
  SPDL_TRY(limits.check_pixels(Origin::decode, codec.parameters->width, codec.parameters->height,
                               source));
  SPDL_TRY_ASSIGN(const AVCodec *decoder, find_decoder(codec, options.name));
  auto context = make_context(codec, decoder);
  context->max_pixels = max_aligned_pixels(*codec.parameters, limits.max_pixels);

  Options dict;
  set_all(dict, options.options);
  if (!dict.has("threads")) dict.set("threads", "1");
  const int code = open_context(*context, decoder, dict);
  if (code < 0) {
    const bool is_option =
        code == AVERROR_OPTION_NOT_FOUND || (code == AVERROR(EINVAL) && !options.options.empty());
    return failure(is_option ? Status::option : Status::corrupt, Origin::decode,
                   source + ": the decoder " + decoder->name + " could not be opened", code,
                   limits);
  }
  SPDL_TRY(check_unused(Origin::decode, dict, std::string("decoder ") + decoder->name, source));
  return Decoder(std::move(context), source);
}

Result<void> check_decoder(const Codec &codec, const DecoderOptions &options) {
  SPDL_TRY(find_decoder(codec, options.name));
  return {};
}

Error Decoder::damaged(const char *what, int code, int64_t pts, int64_t pos,
                       const Limits &limits) const {
  const double seconds = to_seconds(pts, context_->pkt_timebase);
  std::string where = source_;
  if (pts != AV_NOPTS_VALUE) where += " at " + std::to_string(seconds) + " s";
  return failure(Status::corrupt, Origin::decode,
                 where + ": " + what + " (" + context_->codec->name + ")", code, limits)
      .at_time(seconds)
      .at_byte(pos);
}

Result<void> Decoder::send(const AVPacket *packet, const Limits &limits) {
  const trace::Stage stage("decode packet");
  const int code = avcodec_send_packet(context_.get(), packet);
  // AVERROR_EOF: drained already.
  if (code >= 0 || (code == AVERROR_EOF && !packet)) return {};
  if (packet && context_->codec_type == AVMEDIA_TYPE_VIDEO && context_->width == 0 &&
      is_intra_only(*context_)) {
    const Size size = peek_size(*context_, *packet);
    SPDL_TRY(limits.check_pixels(Origin::decode, size.width, size.height, source_));
  }
  if (packet && context_->codec_id == AV_CODEC_ID_WEBP &&
      is_animated_webp({packet->data, static_cast<size_t>(packet->size)}))
    return Error{Status::unsupported, Origin::decode,
                 source_ + ": an animated WebP, which this FFmpeg (" + av_version_info() +
                     ") does not decode; convert it, for instance to a GIF."}
        .with_native(code);
  return damaged("a packet could not be decoded", code, packet ? packet->pts : AV_NOPTS_VALUE,
                 packet ? packet->pos : -1, limits);
}

Result<FramePtr> Decoder::receive(const Limits &limits) {
  trace::Stage stage("receive frame");
  auto frame = make_frame();
  const int code = avcodec_receive_frame(context_.get(), frame.get());
  if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
    stage.discard();
    return FramePtr();
  }
  if (code < 0) return damaged("a packet could not be decoded", code, AV_NOPTS_VALUE, -1, limits);
  return frame;
}

ParametersPtr read_header(const Codec &codec, const AVPacket &packet) {
  const AVCodec *decoder = avcodec_find_decoder(codec.parameters->codec_id);
  if (!decoder) return {};
  // First without decoding the picture, as far as the decoder knows how to.
  for (const AVDiscard skip : {AVDISCARD_ALL, AVDISCARD_DEFAULT}) {
    auto context = make_context(codec, decoder);
    context->skip_frame = skip;
    context->max_pixels = Limits::default_max_pixels;
    Options options;
    options.set("threads", "1");
    if (open_context(*context, decoder, options) < 0) return {};
    auto frame = make_frame();
    avcodec_send_packet(context.get(), &packet);
    avcodec_receive_frame(context.get(), frame.get());
    if (context->pix_fmt == AV_PIX_FMT_NONE) continue;
    auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
    if (avcodec_parameters_from_context(parameters.get(), context.get()) < 0)
      throw std::bad_alloc();
    return parameters;
  }
  return {};
}

}  // namespace spdl::ffmpeg
