using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MlTr.Bench.Pages;

/// <summary>As much of MessagePack as the messages of a Blazor circuit need.</summary>
internal static class Pack
{
    /// <summary>One message of the hub: an invocation without an answer, with the length before it.</summary>
    public static byte[] Invocation(string target, params ReadOnlySpan<object?> arguments) => Invocation(id: null, target, arguments);

    /// <summary>An invocation that is answered if it has an id.</summary>
    public static byte[] Invocation(string? id, string target, ReadOnlySpan<object?> arguments)
    {
        var body = new ArrayBufferWriter<byte>();
        Put(body, 0x95, 1, 0x80); // five parts: kind 1, no headers
        Write(body, id);
        Write(body, target);
        Put(body, (byte)(0x90 | arguments.Length));
        foreach (var argument in arguments)
        {
            Write(body, argument);
        }

        return [.. Length(body.WrittenCount), .. body.WrittenSpan];
    }

    /// <summary>The messages in a frame, each with its parts.</summary>
    public static List<object?[]> Messages(ReadOnlyMemory<byte> frame)
    {
        var messages = new List<object?[]>();
        for (var at = 0; at < frame.Length;)
        {
            var (length, shift) = (0, 0);
            byte part;
            do
            {
                part = frame.Span[at++];
                length |= (part & 0x7f) << shift;
                shift += 7;
            }
            while ((part & 0x80) != 0);

            var read = 0;
            messages.Add((object?[])Read(frame.Slice(at, length), ref read)!);
            at += length;
        }

        return messages;
    }

    private static List<byte> Length(int length)
    {
        var bytes = new List<byte>();
        for (; length > 0x7f; length >>= 7)
        {
            bytes.Add((byte)(length | 0x80));
        }

        return [.. bytes, (byte)length];
    }

    private static void Put(ArrayBufferWriter<byte> to, params ReadOnlySpan<byte> bytes) => to.Write(bytes);

    private static void Write(ArrayBufferWriter<byte> to, object? value)
    {
        switch (value)
        {
            case null:
                Put(to, 0xc0);
                break;
            case bool truth:
                Put(to, truth ? (byte)0xc3 : (byte)0xc2);
                break;
            case string text:
                var bytes = Encoding.UTF8.GetBytes(text);
                Put(to, 0xdb);
                BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), bytes.Length);
                to.Advance(4);
                to.Write(bytes);
                break;
            default:
                Put(to, 0xd3);
                BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                to.Advance(8);
                break;
        }
    }

    private static object? Read(ReadOnlyMemory<byte> from, ref int at)
    {
        var head = from.Span[at++];
        switch (head)
        {
            case < 0x80:
                return (long)head;
            case < 0x90:
                return Map(from, ref at, head & 0xf);
            case < 0xa0:
                return Array(from, ref at, head & 0xf);
            case < 0xc0:
                return Text(from, ref at, head & 0x1f);
            case 0xc0:
                return null;
            case 0xc2 or 0xc3:
                return head == 0xc3;
            case 0xc4 or 0xc5 or 0xc6:
                var size = (int)Number(from, ref at, 1 << (head - 0xc4));
                at += size;
                return from.Slice(at - size, size);
            case 0xcc or 0xcd or 0xce or 0xcf:
                return Number(from, ref at, 1 << (head - 0xcc));
            case 0xd0 or 0xd1 or 0xd2 or 0xd3:
                var bits = 8 << (head - 0xd0);
                return Number(from, ref at, bits / 8) << (64 - bits) >> (64 - bits);
            case 0xd9 or 0xda or 0xdb:
                return Text(from, ref at, (int)Number(from, ref at, 1 << (head - 0xd9)));
            case 0xdc or 0xdd:
                return Array(from, ref at, (int)Number(from, ref at, 2 << (head - 0xdc)));
            case >= 0xe0:
                return (long)(sbyte)head;
            default:
                throw new InvalidDataException($"The circuit sent a value of a kind that this bench does not read (0x{head:x2}).");
        }
    }

    private static long Number(ReadOnlyMemory<byte> from, ref int at, int bytes)
    {
        var number = 0L;
        for (var end = at + bytes; at < end; at++)
        {
            number = (number << 8) | from.Span[at];
        }

        return number;
    }

    private static string Text(ReadOnlyMemory<byte> from, ref int at, int bytes)
    {
        at += bytes;
        return Encoding.UTF8.GetString(from.Span.Slice(at - bytes, bytes));
    }

    private static object?[] Array(ReadOnlyMemory<byte> from, ref int at, int count)
    {
        var items = new object?[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = Read(from, ref at);
        }

        return items;
    }

    private static string? Map(ReadOnlyMemory<byte> from, ref int at, int count)
    {
        for (var i = 0; i < 2 * count; i++)
        {
            Read(from, ref at); // headers, which say nothing here
        }

        return null;
    }
}
