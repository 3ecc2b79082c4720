// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/mux.h"

#include <string_view>

#include "base/in_use.h"
#include "base/trace.h"

namespace spdl::ffmpeg {
namespace {

Error invalid(const std::string &message) { return {Status::invalid, Origin::mux, message}; }

bool opens_files(const AVFormatContext &context) { return context.oformat->flags & AVFMT_NOFILE; }

// A tag of another container is kept if it means the same in this one.
uint32_t choose_tag(const AVOutputFormat &format, const AVCodecParameters &parameters) {
  if (!format.codec_tag) return parameters.codec_tag;
  const bool is_same =
      av_codec_get_id(format.codec_tag, parameters.codec_tag) == parameters.codec_id;
  return is_same ? parameters.codec_tag : 0;
}

bool is_other(int a, int b) { return a > 0 && b > 0 && a != b; }

// Of what a stream was set up for, and what comes; unknown values agree with all.
bool is_alike(const AVCodecParameters &a, const AVCodecParameters &b) {
  return a.codec_id == b.codec_id && !is_other(a.width, b.width) && !is_other(a.height, b.height) &&
         !is_other(a.sample_rate, b.sample_rate) &&
         !is_other(a.ch_layout.nb_channels, b.ch_layout.nb_channels);
}

std::string describe(const Codec &codec) {
  const AVCodecParameters &parameters = *codec.parameters;
  if (codec.media == Media::audio)
    return std::string(codec.name()) + ", " + std::to_string(parameters.sample_rate) + " Hz, " +
           std::to_string(parameters.ch_layout.nb_channels) + " channels";
  return std::string(codec.name()) + ", " + std::to_string(parameters.width) + "x" +
         std::to_string(parameters.height);
}

}  // namespace

// Held while an operation uses the muxer; its files obey the operation's limits meanwhile.
class Muxer::Use {
 public:
  Use(Muxer &muxer, const Limits *limits) : in_use_(muxer.in_use_), muxer_(muxer) {
    if (in_use_.is_held()) muxer_.limits_ = limits;
  }
  ~Use() {
    if (in_use_.is_held()) muxer_.limits_ = nullptr;
  }
  Use(const Use &) = delete;
  Use &operator=(const Use &) = delete;
  Result<void> check() const {
    if (muxer_.generation_ != process_generation())
      return Error{Status::forked, Origin::mux,
                   muxer_.name() + ": this muxer belongs to the parent process."};
    if (in_use_.is_held()) return {};
    return Error{Status::busy, Origin::mux, muxer_.name() + ": another thread uses this muxer."};
  }

 private:
  const InUse in_use_;
  Muxer &muxer_;
};

Result<MuxerPtr> Muxer::create(Destination destination) {
  auto muxer = MuxerPtr(new Muxer(std::move(destination)));
  SPDL_TRY(muxer->create_context());
  return muxer;
}

Result<void> Muxer::create_context() {
  const std::string &wanted = destination_.format;
  const AVOutputFormat *format = wanted.empty() ? av_guess_format(nullptr, name().c_str(), nullptr)
                                                : av_guess_format(wanted.c_str(), nullptr, nullptr);
  if (!format)
    return Error{Status::unsupported, Origin::mux,
                 wanted.empty()
                     ? name() + ": no container is known by this extension; name a format"
                     : "Unsupported device/format: " + wanted + " for " + name()};
  // Containers that open files by themselves copy the name to memory of this size.
  constexpr size_t longest = 1000;
  if (format->flags & AVFMT_NOFILE && name().size() > longest)
    return invalid(name() + ": the path is too long for the format " + format->name + ".");
  const std::string url = destination_.is_url ? name() : "file:" + name();
  AVFormatContext *context = nullptr;
  if (avformat_alloc_output_context2(&context, format, nullptr, url.c_str()) < 0)
    throw std::bad_alloc();
  context_.reset(context);
  default_open_ = context->io_open;
  default_close_ = context->io_close2;
  context->opaque = this;
  context->io_open = open_io;
  context->io_close2 = close_io;
  context->interrupt_callback = {is_interrupted, this};
  return {};
}

Muxer::~Muxer() {
  if (!context_) return;
  // A forked child must not write to the file of its parent.
  if (generation_ != process_generation()) {
    static_cast<void>(context_.release());
    return;
  }
  if (!opens_files(*context_)) close_checked(context_->pb);
}

Result<void> Muxer::check_state(State wanted, const char *what) const {
  if (state_ == wanted) return {};
  const std::string begin = name() + ": " + what;
  switch (state_) {
    case State::new_:
      return invalid(begin + " needs an open muxer; call open() first.");
    case State::open:
      return invalid(begin + " is not possible once the muxer is open.");
    case State::failed:
      return invalid(begin +
                     " is not possible: an earlier operation failed, so the file is not "
                     "complete.");
    case State::closed:
      break;
  }
  return invalid(begin + " is not possible: the muxer is closed.");
}

Result<void> Muxer::check_container(AVCodecID codec) const {
  if (avformat_query_codec(context_->oformat, codec, FF_COMPLIANCE_EXPERIMENTAL) != 0) return {};
  return Error{
      Status::unsupported, Origin::mux,
      name() + ": the format " + format() + " cannot hold " + avcodec_get_name(codec) + "."};
}

Result<const AVCodec *> Muxer::choose_encoder(const EncodeOptions &options) const {
  const AVMediaType type = options.media == Media::audio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  const AVCodecID codec = av_guess_codec(context_->oformat, nullptr, name().c_str(), nullptr, type);
  return find_encoder(options, codec, name());
}

AVStream &Muxer::add_stream(Stream stream) {
  AVStream *added = avformat_new_stream(context_.get(), nullptr);
  if (!added) throw std::bad_alloc();
  if (avcodec_parameters_copy(added->codecpar, stream.codec->parameters.get()) < 0)
    throw std::bad_alloc();
  added->time_base = stream.codec->time_base;
  if (stream.codec->frame_rate.num > 0) added->avg_frame_rate = stream.codec->frame_rate;
  added->sample_aspect_ratio = added->codecpar->sample_aspect_ratio;
  streams_.push_back(std::move(stream));
  ++num_streams_;
  return *added;
}

Result<EncoderPtr> Muxer::add_encode_stream(const EncodeOptions &options) {
  const Use use(*this, nullptr);
  SPDL_TRY(use.check());
  SPDL_TRY(check_state(State::new_, "adding a stream"));
  SPDL_TRY_ASSIGN(const AVCodec *codec, choose_encoder(options));
  SPDL_TRY(check_container(codec->id));
  const bool has_global_header = context_->oformat->flags & AVFMT_GLOBALHEADER;
  SPDL_TRY_ASSIGN(auto encoder, Encoder::open(*codec, options, has_global_header, name(),
                                              static_cast<int>(streams_.size())));
  add_stream({encoder->codec(), encoder});
  return encoder;
}

Result<void> Muxer::add_remux_stream(const Codec &codec) {
  const Use use(*this, nullptr);
  SPDL_TRY(use.check());
  SPDL_TRY(check_state(State::new_, "adding a stream"));
  SPDL_TRY(check_container(codec.parameters->codec_id));
  AVStream &stream = add_stream(
      {make_codec(codec.media, *codec.parameters, codec.time_base, codec.frame_rate), nullptr});
  stream.codecpar->codec_tag = choose_tag(*context_->oformat, *codec.parameters);
  return {};
}

Result<void> Muxer::open(const OptionList &options, const Limits &limits) {
  const Use use(*this, &limits);
  SPDL_TRY(use.check());
  const trace::Stage stage("mux", name());
  SPDL_TRY(check_state(State::new_, "opening"));
  if (streams_.empty()) return invalid(name() + ": a file needs at least one stream.");
  SPDL_TRY(limits.check(Origin::mux, name()));
  SPDL_TRY(open_file(limits));
  state_ = State::open;
  return fail(write_header(options, limits));
}

Result<void> Muxer::write_header(const OptionList &options, const Limits &limits) {
  Options dict;
  set_all(dict, options);
  // One picture, whose name is no pattern.
  if (std::string_view(format()) == "image2" && !dict.has("update")) dict.set("update", "1");
  const int code = avformat_write_header(context_.get(), dict.get());
  if (code < 0 && !io_error_ && !options.empty() &&
      (code == AVERROR(EINVAL) || code == AVERROR(ERANGE) || code == AVERROR_OPTION_NOT_FOUND))
    return failure(Status::option, Origin::mux,
                   name() + ": the format " + format() + " refuses these options or streams", code,
                   limits);
  SPDL_TRY(check_written(code, "the header could not be written", limits));
  return check_unused(Origin::mux, dict, std::string("format ") + format(), name());
}

// After a failure in its middle, nobody knows what the file holds.
Result<void> Muxer::fail(Result<void> result) {
  if (!result) state_ = State::failed;
  return result;
}

Result<void> Muxer::check_packets(unsigned stream_index, const Packets &packets) const {
  if (stream_index >= streams_.size())
    return invalid(name() + ": there is no stream " + std::to_string(stream_index) + " among " +
                   std::to_string(streams_.size()) + ".");
  const Codec &wanted = *streams_[stream_index].codec;
  const Codec &got = *packets.codec;
  if (is_alike(*wanted.parameters, *got.parameters)) return {};
  return Error{Status::mismatch, Origin::mux,
               name() + ": stream " + std::to_string(stream_index) + " is " + describe(wanted) +
                   ", but the packets are " + describe(got) + "."};
}

Result<void> Muxer::write(unsigned stream_index, const Packets &packets, const Limits &limits) {
  const Use use(*this, &limits);
  SPDL_TRY(use.check());
  const trace::Stage stage("mux", name());
  SPDL_TRY(check_state(State::open, "writing packets"));
  SPDL_TRY(check_packets(stream_index, packets));
  SPDL_TRY(limits.check(Origin::mux, name()));
  for (const auto &packet : packets.packets) {
    SPDL_TRY(fail(limits.check(Origin::mux, name())));
    SPDL_TRY(fail(write_packet(stream_index, packets, *packet, limits)));
  }
  return {};
}

Result<void> Muxer::write_packet(unsigned stream_index, const Packets &packets,
                                 const AVPacket &packet, const Limits &limits) {
  const AVRational time_base = packets.codec->time_base;
  const AVStream &stream = *context_->streams[stream_index];
  auto copy = own<PacketPtr>(av_packet_clone(&packet));
  copy->stream_index = static_cast<int>(stream_index);
  copy->pos = -1;
  if (packets.media == Media::image && copy->pts == AV_NOPTS_VALUE) copy->pts = copy->dts = 0;
  if (time_base.num > 0) av_packet_rescale_ts(copy.get(), time_base, stream.time_base);
  const double seconds = to_seconds(packet.pts, time_base);
  const int code = av_interleaved_write_frame(context_.get(), copy.get());
  auto written = check_written(
      code, "a packet of stream " + std::to_string(stream_index) + " was refused", limits);
  if (written) return {};
  return std::move(written).error().at_time(seconds);
}

Result<void> Muxer::flush(const Limits &limits) {
  const Use use(*this, &limits);
  SPDL_TRY(use.check());
  SPDL_TRY(check_state(State::open, "flushing"));
  const int code = av_interleaved_write_frame(context_.get(), nullptr);
  if (context_->pb) avio_flush(context_->pb);
  return fail(check_written(code, "the buffered packets were refused", limits));
}

Result<void> Muxer::close(const Limits &limits) {
  const Use use(*this, &limits);
  SPDL_TRY(use.check());
  if (state_ == State::closed) return {};
  const trace::Stage stage("mux", name());
  const State before = std::exchange(state_, State::closed);
  for (const Stream &stream : streams_)
    if (stream.encoder) stream.encoder->close();
  if (before == State::new_)
    return invalid(name() + ": the muxer was never opened, so nothing was written.");
  if (before == State::failed) {
    if (!opens_files(*context_)) close_checked(context_->pb);
    return Error{Status::io, Origin::mux,
                 name() + ": the file is not complete, since an earlier operation failed."};
  }
  SPDL_TRY(finish(limits));
  return check_encoders();
}

Result<void> Muxer::finish(const Limits &limits) {
  const int code = av_write_trailer(context_.get());
  auto written = check_written(code, "the end could not be written", limits);
  const int closed = opens_files(*context_) ? 0 : close_checked(context_->pb);
  if (!written) return written;
  if (closed < 0)
    return failure(Status::io, Origin::mux, name() + ": writing failed", closed, limits);
  return {};
}

Result<void> Muxer::check_encoders() const {
  for (size_t i = 0; i < streams_.size(); ++i) {
    const Encoder *encoder = streams_[i].encoder.get();
    const std::string which = name() + ": the encoder of stream " + std::to_string(i);
    if (encoder && encoder->has_lost())
      return Error{Status::io, Origin::mux,
                   which + " failed when packets had come out, so the file is not complete."};
    if (encoder && encoder->is_holding())
      return invalid(which +
                     " was not flushed, so the end of the stream is missing; write what "
                     "its flush() gives before the muxer is closed.");
  }
  return {};
}

}  // namespace spdl::ffmpeg
