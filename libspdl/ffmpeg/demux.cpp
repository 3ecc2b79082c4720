// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/demux.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "base/process.h"
#include "base/trace.h"
#include "ffmpeg/movie_index.h"
#include "ffmpeg/still.h"

namespace spdl::ffmpeg {
namespace {

// Demuxers of lists that name other files or URLs to open.
constexpr std::string_view list_formats[] = {"hls", "concat", "dash", "imf"};

bool contains(std::span<const int> list, int item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

int refuse_nested(AVFormatContext *, AVIOContext **, const char *, int, AVDictionary **) {
  return AVERROR(EPERM);
}

// avformat_find_stream_info() with options for the decoders that it opens: they keep the limit of
// pixels, too.
int find_stream_info(AVFormatContext &context, const Limits &limits) {
  std::vector<AVDictionary *> options(context.nb_streams);
  for (auto &dict : options) av_dict_set_int(&dict, "max_pixels", limits.max_pixels, 0);
  const int code = avformat_find_stream_info(&context, options.data());
  for (auto &dict : options) av_dict_free(&dict);
  return code;
}

// Whether the stream has no more packets for the window after this one.
bool ends_window(const AVPacket &packet, AVRational time_base, Media media, const Window &window,
                 int &num_past) {
  if (media == Media::video && packet.dts != AV_NOPTS_VALUE)
    return window.is_past(packet.dts, time_base);
  if (packet.pts == AV_NOPTS_VALUE || !window.is_past(packet.pts, time_base)) return false;
  return media == Media::audio || ++num_past > max_reorder;
}

}  // namespace

Result<std::shared_ptr<Demuxer>> Demuxer::open(SourcePtr source, const DemuxOptions &options,
                                               const Limits &limits,
                                               std::unique_ptr<Reader> reader) {
  const trace::Stage stage("open", source->name);
  auto demuxer = std::shared_ptr<Demuxer>(new Demuxer(std::move(source)));
  SPDL_TRY_ASSIGN(demuxer->input_,
                  Input::open(demuxer->source_, std::move(reader), options.buffer_size, limits));
  const InUse in_use(demuxer->in_use_);
  const LimitsInForce in_force(*demuxer->input_, limits);
  demuxer->counts_frames_ = options.counts_frames;
  SPDL_TRY(demuxer->open_context(options, limits));
  SPDL_TRY(demuxer->find_streams(limits));
  return demuxer;
}

Result<void> Demuxer::open_context(const DemuxOptions &options, const Limits &limits) {
  SPDL_TRY_ASSIGN(const AVInputFormat *format, find_format(options.format, limits));
  if (!options.allow_nested) SPDL_TRY(refuse_list(*format));
  Options dict;
  set_all(dict, options.format_options);
  auto *context = own<FormatContextPtr>(avformat_alloc_context()).release();
  context->pb = input_->io();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->interrupt_callback = input_->interrupt_callback();
  if (!options.allow_nested) {
    context->io_open = refuse_nested;
    // Some demuxers open their references past io_open, but they all heed the list.
    dict.set("protocol_whitelist", "none");
  }
  const int code = avformat_open_input(&context, source_->address().c_str(), format, dict.get());
  context_.reset(code < 0 ? nullptr : context);  // on failure FFmpeg has freed it
  if (code < 0) {
    const bool is_option = code == AVERROR(EINVAL) || code == AVERROR(ERANGE);
    if (is_option && !options.format_options.empty())
      return failure(Status::option, Origin::demux,
                     source() + ": the format " + format->name + " refuses these options", code,
                     limits);
    if (const int reason = input_->read_error()) return open_failure(*source_, reason, limits);
    const int blamed = input_->blame(code);
    Error error =
        open_failure(*source_, blamed == AVERROR(EPERM) ? AVERROR_INVALIDDATA : blamed, limits);
    if (blamed == AVERROR_INVALIDDATA && lacks_movie_index(*format, *input_->io()))
      error.message += "; its index (moov) is missing: it may have been cut short";
    return error;
  }
  return check_unused(Origin::demux, dict, std::string("format ") + format->name, source());
}

Result<void> Demuxer::refuse_list(const AVInputFormat &format) const {
  for (const std::string_view name : list_formats)
    if (name == format.name)
      return Error{Status::unsupported, Origin::demux,
                   "Failed to open the input: " + source_->address() + " (a list (" + format.name +
                       ") that makes FFmpeg open other sources; if you trust it, allow nested "
                       "sources in the demux options)"};
  return {};
}

Result<const AVInputFormat *> Demuxer::find_format(const std::string &name, const Limits &limits) {
  const AVInputFormat *format = nullptr;
  if (!name.empty()) {
    format = av_find_input_format(name.c_str());
    if (format) return format;
    return Error{Status::unsupported, Origin::demux,
                 "Unsupported device/format: " + name + " for " + source()};
  }
  // The name of a file helps to tell raw formats apart. But it must not bring in the demuxer of
  // image sequences, which would take the name for a pattern and open other files.
  for (const std::string &hint : {source_->address(), std::string()}) {
    format = nullptr;
    const int code = av_probe_input_buffer2(input_->io(), &format, hint.c_str(), nullptr, 0, 0);
    if (code == AVERROR_INVALIDDATA && !limits.is_interrupted()) break;
    if (code < 0) return open_failure(*source_, code, limits);
    if (!(format->flags & AVFMT_NOFILE) && std::string_view(format->name) != "image2")
      return format;
    if (avio_seek(input_->io(), 0, SEEK_SET) < 0) break;
  }
  const char *reason =
      avio_size(input_->io()) == 0 ? "it is empty" : "no media format is known by its beginning";
  return Error{Status::corrupt, Origin::source,
               "Failed to open the input: " + source_->address() + " (" + reason + ")"}
      .with_native(AVERROR_INVALIDDATA);
}

Result<void> Demuxer::find_streams(const Limits &limits) {
  {
    ForkUnsafe guard;  // it opens decoders, some of which share a lock in libavcodec
    input_->set_fork_guard(&guard);
    const int code = find_stream_info(*context_, limits);
    input_->set_fork_guard(nullptr);
    if (code < 0) return open_failure(*source_, input_->blame(code), limits);
  }
  SPDL_TRY(limits.check(Origin::demux, source()));
  if (const int reason = input_->read_error()) return open_failure(*source_, reason, limits);
  best_audio_ = av_find_best_stream(context_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  best_video_ = av_find_best_stream(context_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  best_audio_ = std::max(best_audio_, -1);
  best_video_ = std::max(best_video_, -1);
  start_time_ = context_->start_time;
  duration_ = context_->duration;
  num_streams_ = context_->nb_streams;
  container_ = read_info(*context_);
  for (const Media media : {Media::audio, Media::video, Media::image})
    if (const int index = best_stream(media); index >= 0)
      codecs_[media] = codec_of(*context_->streams[index], media);
  return {};
}

Result<CodecPtr> Demuxer::codec(Media media) const {
  if (const auto found = codecs_.find(media); found != codecs_.end()) return found->second;
  return Error{Status::no_stream, Origin::demux,
               std::string("No ") + to_string(media) + " stream was found in " + source() + "."};
}

CodecPtr Demuxer::codec_of(AVStream &stream, Media media) const {
  AVRational frame_rate{0, 1};
  if (media != Media::audio) frame_rate = av_guess_frame_rate(context_.get(), &stream, nullptr);
  return make_codec(media, *stream.codecpar, stream.time_base, frame_rate);
}

Result<PacketsPtr> Demuxer::demux(Media media, const Window &window, const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  const LimitsInForce in_force(*input_, limits);
  const trace::Stage stage("demux", source());
  const int index = best_stream(media);
  if (index < 0) return codec(media).error();
  AVStream &stream = *context_->streams[index];
  discard_all_but({&index, 1});
  chunks_ = {};
  SPDL_TRY(seek(stream, window, limits));
  return collect(stream, media, window, limits);
}

Result<void> Demuxer::check_use(const InUse &in_use) const {
  if (generation_ != process_generation())
    return Error{Status::forked, Origin::demux,
                 source() + ": this demuxer belongs to the parent process; open a new one."};
  if (!in_use.is_held())
    return Error{Status::busy, Origin::demux, source() + ": another thread uses this demuxer."};
  return {};
}

void Demuxer::discard_all_but(std::span<const int> streams) {
  for (unsigned i = 0; i < context_->nb_streams; ++i)
    context_->streams[i]->discard =
        contains(streams, static_cast<int>(i)) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

// The next packet of one of the streams, or null at the end.
Result<PacketPtr> Demuxer::read(std::span<const int> streams, const Limits &limits) {
  if (pending_ && contains(streams, pending_->stream_index)) return std::move(pending_);
  pending_.reset();
  is_at_start_ = false;
  auto packet = make_packet();
  for (;;) {
    SPDL_TRY(limits.check(Origin::demux, source()));
    const int code = av_read_frame(context_.get(), packet.get());
    if (code == AVERROR(EAGAIN)) {  // a live source that has nothing yet
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (code < 0) SPDL_TRY(check_read(limits));
    // Said aloud, lest a lack of memory that was over the next moment shortens a stream in silence.
    if (code == AVERROR(ENOMEM))
      return failure(Status::corrupt, Origin::demux,
                     source() + ": a packet asks for more memory than there is",
                     input_->blame(code), limits)
          .at_byte(avio_tell(context_->pb));
    // Whatever else the demuxer says ends the stream, as it does for the ffmpeg command.
    if (code < 0) {
      SPDL_TRY(check_end());
      return PacketPtr();
    }
    if (contains(streams, packet->stream_index)) return packet;
    av_packet_unref(packet.get());
  }
}

// Whether the source could be read so far; demuxers may make up packets of what came before.
Result<void> Demuxer::check_read(const Limits &limits) const {
  SPDL_TRY(limits.check(Origin::demux, source()));
  const int reason = input_->read_error();
  if (!reason) return {};
  return failure(Status::io, Origin::demux, source() + ": reading failed", reason, limits)
      .at_byte(avio_tell(context_->pb));
}

// The demuxer of Matroska takes a read that was interrupted for the end, until the next seek.
Result<void> Demuxer::check_end() const {
  if (!was_interrupted_ || !std::string_view(format()).starts_with("matroska")) return {};
  const int64_t size = avio_size(context_->pb);
  if (size >= 0 && avio_tell(context_->pb) >= size) return {};
  return Error{Status::io, Origin::demux,
               source() +
                   ": reading was interrupted before, and this container cannot be read on "
                   "from there; read it from its start."};
}

std::shared_ptr<Packets> Demuxer::new_packets(const AVStream &stream, Media media) const {
  auto packets = std::make_shared<Packets>();
  packets->media = media;
  packets->source = source();
  packets->stream_index = stream.index;
  return packets;
}

Result<void> Demuxer::keep(PacketPtr packet, Packets &packets, const Limits &limits) const {
  packets.num_bytes += packet->size;
  SPDL_TRY(limits.check_bytes(Origin::demux, packets.num_bytes, source()));
  const AVStream &stream = *context_->streams[packet->stream_index];
  SPDL_TRY(check_scans(stream.codecpar->codec_id, *packet, source()));
  // A packet of a demuxer that reuses its memory must be made its own.
  if (av_packet_make_refcounted(packet.get()) < 0) throw std::bad_alloc();
  packets.packets.push_back(std::move(packet));
  return {};
}

Result<PacketsPtr> Demuxer::collect(AVStream &stream, Media media, const Window &window,
                                    const Limits &limits) {
  auto packets = new_packets(stream, media);
  packets->window = window;
  const Preroll preroll(stream, window);
  MissingDts missing_dts(stream, is_at_start_);
  int64_t num_shown = 0;
  for (int num_past = 0;;) {
    SPDL_TRY_ASSIGN(auto packet, read({&stream.index, 1}, limits));
    if (!packet) break;
    if (preroll.is_over(*packet)) continue;
    // Where there is no index to seek by, reading begins some key frames too early.
    if (media == Media::video && preroll.can_begin(*packet)) packets->clear();
    missing_dts.fill(*packet);
    if (ends_window(*packet, stream.time_base, media, window, num_past)) {
      packets->next_pts = packet->pts;
      break;
    }
    if (counts_frames_ && media == Media::video &&
        !(packet->pts != AV_NOPTS_VALUE && window.is_before(packet->pts, stream.time_base)))
      SPDL_TRY(limits.check_packets(Origin::demux, ++num_shown, source()));
    SPDL_TRY(keep(std::move(packet), *packets, limits));
    if (media == Media::image) break;
  }
  SPDL_TRY(check_read(limits));
  // Only now, since some demuxers complete the parameters with the first packets.
  packets->codec = codec_of(stream, media);
  if (media == Media::image && packets->packets.empty())
    return Error{Status::corrupt, Origin::demux, source() + ": there is no picture in the stream."};
  return packets;
}

Result<PacketsPtr> demux(const SourcePtr &source, Media media, const Window &window,
                         const DemuxOptions &options, const Limits &limits) {
  std::unique_ptr<Reader> reader;
  const bool is_url = std::holds_alternative<Url>(source->where);
  if (media == Media::image && options.is_default() && !is_url) {
    trace::Stage stage("demux", source->name);
    SPDL_TRY_ASSIGN(reader, open_reader(*source, limits));
    SPDL_TRY_ASSIGN(auto packets, read_still(*source, *reader, limits));
    if (packets) return packets;
    stage.discard();
  }
  SPDL_TRY_ASSIGN(const auto demuxer, Demuxer::open(source, options, limits, std::move(reader)));
  return demuxer->demux(media, window, limits);
}

}  // namespace spdl::ffmpeg
