// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/packets_format.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "ffmpeg/codec_format.h"
#include "ffmpeg/still.h"

namespace spdl::ffmpeg {
namespace {

constexpr std::string_view magic = "spdlpkt\n";
constexpr uint32_t version = 1;
constexpr size_t alignment = 64;
constexpr size_t padding = 64;
static_assert(padding >= AV_INPUT_BUFFER_PADDING_SIZE);
// Magic, version, media, size of the whole.
constexpr size_t size_offset = magic.size() + 2 * sizeof(uint32_t);
// What the entry of a packet has at least.
constexpr size_t min_entry_size = 4 * sizeof(int64_t) + 3 * sizeof(uint32_t);
// FFmpeg trusts packets with AV_PKT_FLAG_TRUSTED to hold pointers.
constexpr int known_flags =
    AV_PKT_FLAG_KEY | AV_PKT_FLAG_CORRUPT | AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_DISPOSABLE;

size_t align(size_t size) { return (size + alignment - 1) / alignment * alignment; }
// What a payload takes.
size_t room(size_t size) { return align(size + padding); }

void put_bound(WireWriter &to, const std::optional<spdl_rational> &bound) {
  to.put(static_cast<uint32_t>(bound.has_value()));
  to.put(bound.value_or(spdl_rational{0, 1}).num);
  to.put(bound.value_or(spdl_rational{0, 1}).den);
}

Result<std::optional<spdl_rational>> take_bound(WireReader &from) {
  const bool is_set = from.take<uint32_t>() != 0;
  const auto num = from.take<int64_t>(), den = from.take<int64_t>();
  if (!is_set) return std::nullopt;
  if (den <= 0) return unreadable("a bound of the window has no positive denominator");
  return spdl_rational{num, den};
}

// All but the payloads; `size` is that of the whole.
std::vector<uint8_t> write_head(const Packets &packets, uint64_t size) {
  WireWriter to;
  for (const char letter : magic) to.put(letter);
  to.put(version);
  to.put(static_cast<int32_t>(packets.media));
  to.put(size);
  to.put_text(packets.source);
  to.put(packets.stream_index);
  put_bound(to, packets.window.start);
  put_bound(to, packets.window.end);
  to.put(packets.next_pts);
  write_codec(to, *packets.codec);
  to.put(static_cast<uint32_t>(packets.packets.size()));
  for (const auto &packet : packets.packets) {
    to.put(packet->pts);
    to.put(packet->dts);
    to.put(packet->duration);
    to.put(packet->pos);
    to.put(static_cast<uint32_t>(packet->flags & known_flags));
    to.put(static_cast<uint32_t>(packet->size));
    write_side_data(to, packet->side_data, packet->side_data_elems);
  }
  return to.bytes();
}

// A part of the data as a buffer of FFmpeg's, which keeps the owner.
BufferRef make_buffer(std::span<const uint8_t> data, const std::shared_ptr<const void> &owner) {
  using Owner = std::shared_ptr<const void>;
  auto kept = std::make_unique<Owner>(owner);
  auto buffer = own<BufferRef>(av_buffer_create(
      const_cast<uint8_t *>(data.data()), data.size(),
      [](void *opaque, uint8_t *) { delete static_cast<Owner *>(opaque); }, kept.get(),
      AV_BUFFER_FLAG_READONLY));
  kept.release();
  return buffer;
}

class Deserializer {
 public:
  Deserializer(std::span<const uint8_t> data, std::shared_ptr<const void> owner)
      : data_(data), owner_(std::move(owner)), head_(data) {}

  Result<PacketsPtr> run(std::optional<Media> media);

 private:
  Result<void> take_intro(std::optional<Media> wanted);
  Result<void> take_origin();
  Result<void> take_packets();
  Result<PacketPtr> take_packet();
  Result<void> place_payloads();

  std::span<const uint8_t> data_;
  const std::shared_ptr<const void> owner_;
  WireReader head_;
  std::shared_ptr<Packets> packets_ = std::make_shared<Packets>();
};

Result<PacketsPtr> Deserializer::run(std::optional<Media> media) {
  SPDL_TRY(take_intro(media));
  SPDL_TRY(take_origin());
  SPDL_TRY_ASSIGN(packets_->codec, read_codec(head_, packets_->media));
  SPDL_TRY(take_packets());
  SPDL_TRY(place_payloads());
  return packets_;
}

Result<void> Deserializer::take_intro(std::optional<Media> wanted) {
  const auto start = head_.take_span(magic.size());
  if (!std::equal(start.begin(), start.end(), magic.begin(), magic.end()))
    return unreadable("the data is not what serializing packets makes");
  const auto found_version = head_.take<uint32_t>();
  const auto found_media = head_.take<int32_t>();
  const auto size = head_.take<uint64_t>();
  if (head_.is_short()) return unreadable("the data is cut short");
  if (found_version != version)
    return unreadable("the data has version " + std::to_string(found_version) + ", not " +
                      std::to_string(version));
  if (size > data_.size())
    return unreadable("the data has " + std::to_string(data_.size()) + " of " +
                      std::to_string(size) + " bytes");
  if (found_media < SPDL_MEDIA_AUDIO || found_media > SPDL_MEDIA_IMAGE)
    return unreadable("there is no such kind of media");
  packets_->media = static_cast<Media>(found_media);
  if (wanted && *wanted != packets_->media)
    return Error{Status::mismatch, Origin::packets,
                 "Failed to deserialize packets: the data holds packets of another kind."};
  data_ = data_.first(static_cast<size_t>(size));
  if (size < size_offset + sizeof size) return unreadable("the data is cut short");
  head_ = WireReader(data_.subspan(size_offset + sizeof size));
  return {};
}

Result<void> Deserializer::take_origin() {
  packets_->source = head_.take_text();
  packets_->stream_index = head_.take<int32_t>();
  SPDL_TRY_ASSIGN(packets_->window.start, take_bound(head_));
  SPDL_TRY_ASSIGN(packets_->window.end, take_bound(head_));
  packets_->next_pts = head_.take<int64_t>();
  if (packets_->source.find('\0') != std::string::npos || packets_->stream_index < -1)
    return unreadable("it does not say where they come from");
  return {};
}

Result<void> Deserializer::take_packets() {
  const auto num_packets = head_.take<uint32_t>();
  if (num_packets > head_.num_left() / min_entry_size) return unreadable("the data is cut short");
  if (packets_->media == Media::image && num_packets != 1)
    return unreadable("an image has one packet, not " + std::to_string(num_packets));
  packets_->packets.reserve(num_packets);
  for (uint32_t i = 0; i < num_packets; ++i) {
    SPDL_TRY_ASSIGN(auto packet, take_packet());
    packets_->packets.push_back(std::move(packet));
  }
  return {};
}

Result<PacketPtr> Deserializer::take_packet() {
  auto packet = make_packet();
  packet->stream_index = std::max(0, packets_->stream_index);
  packet->pts = head_.take<int64_t>();
  packet->dts = head_.take<int64_t>();
  packet->duration = std::max<int64_t>(0, head_.take<int64_t>());
  packet->pos = head_.take<int64_t>();
  packet->flags = static_cast<int>(head_.take<uint32_t>() & uint32_t{known_flags});
  const auto size = head_.take<uint32_t>();
  if (size > uint32_t{std::numeric_limits<int>::max()} - padding)
    return unreadable("a packet is too large");
  packet->size = static_cast<int>(size);
  SPDL_TRY(read_side_data(head_, [&](AVPacketSideDataType type, size_t bytes) {
    uint8_t *data = av_packet_new_side_data(packet.get(), type, bytes);
    if (!data) throw std::bad_alloc();
    return data;
  }));
  return packet;
}

Result<void> Deserializer::place_payloads() {
  size_t at = align(data_.size() - head_.num_left());
  for (const auto &packet : packets_->packets) {
    const auto size = static_cast<size_t>(packet->size);
    if (at > data_.size() || room(size) > data_.size() - at)
      return unreadable("the data is cut short");
    const auto whole = data_.subspan(at, room(size)), behind = whole.subspan(size);
    if (std::any_of(behind.begin(), behind.end(), [](uint8_t byte) { return byte != 0; }))
      return unreadable("a packet is not followed by zeros");
    packet->buf = make_buffer(whole, owner_).release();
    packet->data = packet->buf->data;
    packets_->num_bytes += packet->size;
    SPDL_TRY(check_scans(packets_->codec->parameters->codec_id, *packet, packets_->source));
    at += whole.size();
  }
  if (at != data_.size()) return unreadable("there is something behind the packets");
  return {};
}

}  // namespace

Result<buffer::BufferPtr> serialize(const Packets &packets) {
  const size_t payloads_at = align(write_head(packets, 0).size());
  size_t size = payloads_at;
  for (const auto &packet : packets.packets) size += room(static_cast<size_t>(packet->size));
  const auto head = write_head(packets, size);

  const buffer::Layout layout{{static_cast<int64_t>(size)}, buffer::u8};
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(nullptr, layout));
  uint8_t *to = std::copy(head.begin(), head.end(), storage.data());
  to = std::fill_n(to, payloads_at - head.size(), uint8_t{0});
  for (const auto &packet : packets.packets) {
    const auto payload = static_cast<size_t>(packet->size);
    to = std::copy_n(packet->data, payload, to);
    to = std::fill_n(to, room(payload) - payload, uint8_t{0});
  }
  return std::make_shared<buffer::Buffer>(std::move(storage), layout,
                                          static_cast<int32_t>(packets.media));
}

Result<PacketsPtr> deserialize(std::span<const uint8_t> data, std::shared_ptr<const void> owner,
                               std::optional<Media> media) {
  return Deserializer(data, std::move(owner)).run(media);
}

Result<PacketsPtr> deserialize_copy(std::span<const uint8_t> data, std::optional<Media> media) {
  const auto storage = std::make_shared<buffer::Storage>(buffer::Storage::allocate(data.size()));
  std::copy(data.begin(), data.end(), storage->data());
  return deserialize({storage->data(), data.size()}, storage, media);
}

}  // namespace spdl::ffmpeg
