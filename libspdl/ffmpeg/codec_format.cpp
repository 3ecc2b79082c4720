// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/codec_format.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

namespace spdl::ffmpeg {
namespace {

// As many as FFmpeg's decoders take.
constexpr int max_channels = 512;
constexpr size_t max_extradata = (size_t{1} << 28) - AV_INPUT_BUFFER_PADDING_SIZE - 1;
// Pictures that a decoder holds back; FFmpeg's H.264 decoder aborts on more than it has room for.
constexpr int max_delay = 16;

// The side data that decoding and the frames' metadata need. What has a size must have it, for
// those who read it do not look; the sizes of FFmpeg's own structs are those of this FFmpeg.
struct SideDataKind {
  AVPacketSideDataType type;
  size_t size = 0;  // 0: any
};
constexpr SideDataKind side_data_kinds[] = {
    {AV_PKT_DATA_PALETTE, AVPALETTE_SIZE},
    {AV_PKT_DATA_NEW_EXTRADATA},
    {AV_PKT_DATA_PARAM_CHANGE},
    {AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t)},
    {AV_PKT_DATA_SKIP_SAMPLES, 10},
    {AV_PKT_DATA_JP_DUALMONO, 1},
    {AV_PKT_DATA_STRINGS_METADATA},
    {AV_PKT_DATA_METADATA_UPDATE},
    {AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL},
    {AV_PKT_DATA_MASTERING_DISPLAY_METADATA, sizeof(AVMasteringDisplayMetadata)},
    {AV_PKT_DATA_CONTENT_LIGHT_LEVEL, sizeof(AVContentLightMetadata)},
    {AV_PKT_DATA_A53_CC},
    {AV_PKT_DATA_AFD, 1},
    {AV_PKT_DATA_ICC_PROFILE},
    {AV_PKT_DATA_S12M_TIMECODE, 4 * sizeof(uint32_t)},
};

const SideDataKind *find_kind(uint32_t type, size_t size) {
  for (const auto &kind : side_data_kinds)
    if (static_cast<uint32_t>(kind.type) == type && (kind.size == 0 || kind.size == size))
      return &kind;
  return nullptr;
}

void put_ratio(WireWriter &to, AVRational ratio) {
  to.put(ratio.num);
  to.put(ratio.den);
}

AVRational take_ratio(WireReader &from) {
  const int num = from.take<int32_t>();
  return {num, from.take<int32_t>()};
}

const char *or_empty(const char *name) { return name ? name : ""; }

int format_of(Media media, const std::string &name) {
  return media == Media::audio ? static_cast<int>(av_get_sample_fmt(name.c_str()))
                               : static_cast<int>(av_get_pix_fmt(name.c_str()));
}

// A number of one of FFmpeg's enumerations, if FFmpeg has a name for it.
template <class Enum>
bool take_enum(WireReader &from, const char *(*name)(Enum), Enum &to) {
  constexpr uint32_t largest = 511;  // fits any of them
  const auto value = from.take<uint32_t>();
  if (value > largest || !name(static_cast<Enum>(value))) return false;
  to = static_cast<Enum>(value);
  return true;
}

void write_layout(WireWriter &to, const AVChannelLayout &layout) {
  to.put(static_cast<uint32_t>(layout.order));
  to.put(layout.nb_channels);
  const bool is_custom = layout.order == AV_CHANNEL_ORDER_CUSTOM;
  to.put(is_custom ? uint64_t{0} : layout.u.mask);
  for (int i = 0; is_custom && i < layout.nb_channels; ++i) {
    to.put(static_cast<uint32_t>(layout.u.map[i].id));
    to.put_text({layout.u.map[i].name, strnlen(layout.u.map[i].name, sizeof layout.u.map[i].name)});
  }
}

bool take_channel(WireReader &from, AVChannelCustom &to) {
  const auto id = from.take<uint32_t>();
  const std::string name = from.take_text();
  if (id > INT16_MAX || name.size() >= sizeof to.name) return false;
  to.id = static_cast<AVChannel>(id);
  std::copy(name.begin(), name.end(), to.name);
  return true;
}

bool take_layout(WireReader &from, AVChannelLayout &to) {
  const auto order = from.take<uint32_t>();
  const int num_channels = from.take<int32_t>();
  const auto mask = from.take<uint64_t>();
  if (order > AV_CHANNEL_ORDER_AMBISONIC || num_channels < 0 || num_channels > max_channels)
    return false;
  if (num_channels == 0) return true;
  to.order = static_cast<AVChannelOrder>(order);
  to.nb_channels = num_channels;
  to.u.mask = mask;
  if (to.order == AV_CHANNEL_ORDER_CUSTOM) {
    to.u.map = static_cast<AVChannelCustom *>(
        av_calloc(static_cast<size_t>(num_channels), sizeof(AVChannelCustom)));
    if (!to.u.map) throw std::bad_alloc();
    for (int i = 0; i < num_channels; ++i)
      if (!take_channel(from, to.u.map[i])) return false;
  }
  return av_channel_layout_check(&to);
}

void write_colors(WireWriter &to, const AVCodecParameters &from) {
  to.put(static_cast<uint32_t>(from.field_order));
  to.put(static_cast<uint32_t>(from.color_range));
  to.put(static_cast<uint32_t>(from.color_primaries));
  to.put(static_cast<uint32_t>(from.color_trc));
  to.put(static_cast<uint32_t>(from.color_space));
  to.put(static_cast<uint32_t>(from.chroma_location));
}

bool take_colors(WireReader &from, AVCodecParameters &to) {
  const auto order = from.take<uint32_t>();
  if (order > AV_FIELD_BT) return false;
  to.field_order = static_cast<AVFieldOrder>(order);
  return take_enum(from, av_color_range_name, to.color_range) &&
         take_enum(from, av_color_primaries_name, to.color_primaries) &&
         take_enum(from, av_color_transfer_name, to.color_trc) &&
         take_enum(from, av_color_space_name, to.color_space) &&
         take_enum(from, av_chroma_location_name, to.chroma_location);
}

// The numbers that are not negative in any stream, in the order of the format.
constexpr int AVCodecParameters::*counts[] = {
    &AVCodecParameters::bits_per_coded_sample,
    &AVCodecParameters::bits_per_raw_sample,
    &AVCodecParameters::width,
    &AVCodecParameters::height,
    &AVCodecParameters::video_delay,
    &AVCodecParameters::sample_rate,
    &AVCodecParameters::block_align,
    &AVCodecParameters::frame_size,
    &AVCodecParameters::initial_padding,
    &AVCodecParameters::trailing_padding,
    &AVCodecParameters::seek_preroll,
};

bool take_extradata(WireReader &from, AVCodecParameters &to) {
  const auto bytes = from.take_bytes();
  if (bytes.size() > max_extradata) return false;
  if (bytes.empty()) return true;
  to.extradata = static_cast<uint8_t *>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!to.extradata) throw std::bad_alloc();
  to.extradata_size = static_cast<int>(bytes.size());
  std::memcpy(to.extradata, bytes.data(), bytes.size());
  return true;
}

Result<void> read_coder(WireReader &from, Media media, AVCodecParameters &to) {
  const std::string name = from.take_text(), format = from.take_text();
  const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(name.c_str());
  // The packets of wrapped_avframe are pointers.
  if (!descriptor || descriptor->id == AV_CODEC_ID_WRAPPED_AVFRAME)
    return unreadable("FFmpeg has no codec \"" + name + "\"");
  to.codec_type = media == Media::audio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  if (descriptor->type != to.codec_type)
    return unreadable("the codec " + name + " is not of this kind of media");
  to.codec_id = descriptor->id;
  to.format = format_of(media, format);
  if (to.format < 0 && !format.empty())
    return unreadable("FFmpeg has no format \"" + format + "\"");
  return {};
}

Result<ParametersPtr> read_parameters(WireReader &from, Media media) {
  auto parameters = own<ParametersPtr>(avcodec_parameters_alloc());
  SPDL_TRY(read_coder(from, media, *parameters));
  parameters->codec_tag = from.take<uint32_t>();
  parameters->bit_rate = from.take<int64_t>();
  parameters->profile = from.take<int32_t>();
  parameters->level = from.take<int32_t>();
  for (const auto count : counts) {
    (*parameters).*count = from.take<int32_t>();
    if ((*parameters).*count < 0) return unreadable("a parameter of the codec is negative");
  }
  if (parameters->video_delay > max_delay) return unreadable("the decoder's delay is too long");
  parameters->sample_aspect_ratio = take_ratio(from);
  if (parameters->sample_aspect_ratio.num < 0 || parameters->sample_aspect_ratio.den < 0)
    return unreadable("the shape of a pixel is negative");
  if (!take_colors(from, *parameters)) return unreadable("FFmpeg has no such color");
  if (!take_layout(from, parameters->ch_layout)) return unreadable("FFmpeg has no such channels");
  if (!take_extradata(from, *parameters)) return unreadable("the codec's header is too long");
  SPDL_TRY(read_side_data(from, [&](AVPacketSideDataType type, size_t size) {
    return new_side_data(*parameters, type, size);
  }));
  return parameters;
}

void write_parameters(WireWriter &to, const AVCodecParameters &from, Media media) {
  to.put_text(avcodec_get_name(from.codec_id));
  to.put_text(or_empty(media == Media::audio
                           ? av_get_sample_fmt_name(static_cast<AVSampleFormat>(from.format))
                           : av_get_pix_fmt_name(static_cast<AVPixelFormat>(from.format))));
  to.put(from.codec_tag);
  to.put(from.bit_rate);
  to.put(from.profile);
  to.put(from.level);
  for (const auto count : counts) to.put(std::max(0, from.*count));
  const AVRational shape = from.sample_aspect_ratio;
  put_ratio(to, shape.num < 0 || shape.den < 0 ? AVRational{0, 1} : shape);
  write_colors(to, from);
  write_layout(to, from.ch_layout);
  to.put_bytes({from.extradata, static_cast<size_t>(std::max(0, from.extradata_size))});
  const auto side_data = side_data_of(from);
  write_side_data(to, side_data.data(), static_cast<int>(side_data.size()));
}

}  // namespace

Error unreadable(const std::string &reason) {
  return {Status::corrupt, Origin::packets, "Failed to deserialize packets: " + reason + "."};
}

void write_codec(WireWriter &to, const Codec &codec) {
  put_ratio(to, codec.time_base);
  put_ratio(to, codec.frame_rate);
  write_parameters(to, *codec.parameters, codec.media);
}

Result<CodecPtr> read_codec(WireReader &from, Media media) {
  const AVRational time_base = take_ratio(from), frame_rate = take_ratio(from);
  if (time_base.num <= 0 || time_base.den <= 0) return unreadable("the time base is not positive");
  if (frame_rate.num < 0 || frame_rate.den < 0) return unreadable("the frame rate is negative");
  SPDL_TRY_ASSIGN(const auto parameters, read_parameters(from, media));
  if (from.is_short()) return unreadable("the data is cut short");
  return make_codec(media, *parameters, time_base, frame_rate);
}

void write_side_data(WireWriter &to, const AVPacketSideData *entries, int num_entries) {
  const std::span all(entries, static_cast<size_t>(num_entries));
  const auto is_known = [](const AVPacketSideData &entry) {
    return find_kind(static_cast<uint32_t>(entry.type), entry.size) != nullptr;
  };
  to.put(static_cast<uint32_t>(std::count_if(all.begin(), all.end(), is_known)));
  for (const auto &entry : all) {
    if (!is_known(entry)) continue;
    to.put(static_cast<uint32_t>(entry.type));
    to.put_bytes({entry.data, entry.size});
  }
}

Result<void> read_side_data(WireReader &from, const AllocateSideData &allocate) {
  const auto num_entries = from.take<uint32_t>();
  for (uint32_t i = 0; i < num_entries && !from.is_short(); ++i) {
    const auto type = from.take<uint32_t>();
    const auto bytes = from.take_bytes();
    const SideDataKind *kind = find_kind(type, bytes.size());
    if (!kind || bytes.empty()) continue;  // of a version of FFmpeg that knows more
    uint8_t *data = allocate(kind->type, bytes.size());
    if (data) std::memcpy(data, bytes.data(), bytes.size());
  }
  if (from.is_short()) return unreadable("the data is cut short");
  return {};
}

}  // namespace spdl::ffmpeg
