// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/bsf.h"

#include "base/trace.h"
#include "ffmpeg/error.h"
#include "ffmpeg/still.h"

namespace spdl::ffmpeg {

Result<std::shared_ptr<Bsf>> Bsf::open(CodecPtr codec, const std::string &desc) {
  auto bsf = std::shared_ptr<Bsf>(new Bsf(std::move(codec), desc));
  SPDL_TRY(bsf->open_context());
  return bsf;
}

Result<void> Bsf::open_context() {
  const auto failed = [&](Status status, const std::string &what, int code) {
    return failure(status, Origin::bsf, what + desc_, code, Limits());
  };
  AVBSFContext *context = nullptr;
  int code = desc_.empty() ? AVERROR(EINVAL) : av_bsf_list_parse_str(desc_.c_str(), &context);
  context_.reset(context);
  if (code == AVERROR_BSF_NOT_FOUND)
    return failed(Status::unsupported, "Unsupported bitstream filter: ", code);
  if (code < 0) return failed(Status::option, "Failed to parse the bitstream filter: ", code);
  if (avcodec_parameters_copy(context_->par_in, codec_->parameters.get()) < 0)
    throw std::bad_alloc();
  context_->time_base_in = codec_->time_base;
  code = av_bsf_init(context_.get());
  if (code < 0)
    return failed(Status::unsupported,
                  std::string("The bitstream filter does not take ") + codec_->name() + ": ", code);
  output_codec_ =
      make_codec(codec_->media, *context_->par_out, context_->time_base_out, codec_->frame_rate);
  return {};
}

Result<void> Bsf::check_use(const InUse &in_use) const {
  if (generation_ != process_generation())
    return Error{Status::forked, Origin::bsf,
                 "This bitstream filter belongs to the parent process; make a new one."};
  if (!in_use.is_held())
    return Error{Status::busy, Origin::bsf, "Another thread uses this bitstream filter."};
  return {};
}

Result<void> Bsf::check_packets(const Packets &packets) const {
  if (packets.media == codec_->media &&
      packets.codec->parameters->codec_id == codec_->parameters->codec_id &&
      av_cmp_q(packets.codec->time_base, codec_->time_base) == 0)
    return {};
  return Error{Status::mismatch, Origin::bsf,
               packets.source + ": these packets are not of the codec of the bitstream filter."};
}

// Without packets yet; what is held back comes from where the packets before came from.
std::shared_ptr<Packets> Bsf::make_output(const Packets *from) const {
  auto packets = std::make_shared<Packets>();
  packets->media = codec_->media;
  packets->codec = output_codec_;
  if (!from) return packets;
  packets->source = from->source;
  packets->stream_index = from->stream_index;
  packets->window = from->window;
  packets->next_pts = from->next_pts;
  if (from->codec != output_codec_ && from->next_pts != AV_NOPTS_VALUE)
    packets->next_pts = av_rescale_q(from->next_pts, codec_->time_base, output_codec_->time_base);
  return packets;
}

Result<PacketsPtr> Bsf::filter(PacketsPtr packets, bool is_end, const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  const trace::Stage stage("bsf", desc_);
  if (packets) SPDL_TRY(check_packets(*packets));
  const auto output = make_output(packets ? packets.get() : last_.get());
  last_ = make_output(output.get());
  const auto run = [&]() -> Result<void> {
    if (packets)
      for (const auto &packet : packets->packets) SPDL_TRY(feed(packet.get(), *output, limits));
    if (is_end) SPDL_TRY(feed(nullptr, *output, limits));
    return {};
  };
  const auto done = run();
  // After an error, too: what it held is of packets that are lost.
  if (is_end || !done) av_bsf_flush(context_.get());
  if (!done) return done.error();
  if (output->packets.empty())
    return Error{Status::eof, Origin::bsf, "The bitstream filter gives no packet yet."};
  return output;
}

Result<void> Bsf::feed(const AVPacket *packet, Packets &to, const Limits &limits) {
  SPDL_TRY(limits.check(Origin::bsf, to.source));
  const auto failed = [&](int code) {
    const double seconds = to_seconds(packet ? packet->pts : AV_NOPTS_VALUE, codec_->time_base);
    return failure(Status::corrupt, Origin::bsf,
                   to.source + ": a packet does not go through the bitstream filter " + desc_, code,
                   limits)
        .at_time(seconds);
  };
  PacketPtr copy = packet ? own<PacketPtr>(av_packet_clone(packet)) : nullptr;
  int code = av_bsf_send_packet(context_.get(), copy.get());
  if (code < 0) return failed(code);
  for (;;) {
    auto filtered = make_packet();
    code = av_bsf_receive_packet(context_.get(), filtered.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
    if (code < 0) return failed(code);
    if (to.media == Media::image && !to.packets.empty()) continue;  // an image is one packet
    if (av_packet_make_refcounted(filtered.get()) < 0) throw std::bad_alloc();
    to.num_bytes += filtered->size;
    SPDL_TRY(limits.check_bytes(Origin::bsf, to.num_bytes, to.source));
    SPDL_TRY(check_scans(output_codec_->parameters->codec_id, *filtered, to.source));
    to.packets.push_back(std::move(filtered));
  }
}

Result<PacketsPtr> apply_bsf(const PacketsPtr &packets, const std::string &desc,
                             const Limits &limits) {
  SPDL_TRY_ASSIGN(const auto bsf, Bsf::open(packets->codec, desc));
  auto filtered = bsf->filter(packets, true, limits);
  if (filtered || filtered.error().status != Status::eof) return filtered;
  if (packets->media == Media::image)
    return Error{Status::corrupt, Origin::bsf,
                 packets->source + ": the bitstream filter " + desc + " makes no packet."};
  return bsf->empty(*packets);
}

}  // namespace spdl::ffmpeg
