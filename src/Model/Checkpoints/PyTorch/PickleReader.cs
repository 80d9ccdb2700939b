using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MlTr.Model.Checkpoints.PyTorch;

/// <summary>What a pickle refers to by name; nothing is ever looked up or called.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A dictionary of a pickle, in its order.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>A tuple of a pickle.</summary>
internal sealed record PickleTuple(IReadOnlyList<object?> Items);

/// <summary>
/// Reads the part of Python's pickle format that state dicts consist of: numbers, texts, tuples, lists, dictionaries, and the two references
/// that the caller resolves. It never executes anything: a name outside the allowed ones ends the reading with an
/// <see cref="InvalidDataException"/> that names it, and so does every malformed byte.
/// </summary>
/// <param name="data">The pickle, read from its first byte.</param>
/// <param name="isAllowed">Whether a pickle may mention this name.</param>
/// <param name="reduce">The value of an allowed name called with arguments.</param>
/// <param name="resolve">The value of a persistent reference, such as a storage.</param>
internal sealed class PickleReader(byte[] data, Func<PickleGlobal, bool> isAllowed, Func<PickleGlobal, PickleTuple, object?> reduce, Func<object?, object?> resolve)
{
    private const int HighestProtocol = 5;

    // A state dict makes some twenty objects a tensor; each costs a few dozen times the byte that makes it.
    private const int MaxObjects = 1_000_000;

    private static readonly object Mark = new();

    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];
    private int position, objects;

    /// <summary>The object that the pickle describes.</summary>
    public object? Read()
    {
        while (true)
        {
            var at = position;
            var code = (char)Byte();
            if (code == '.')
            {
                var result = Pop();
                return stack.Count == 0 ? result : throw Bad("it ends with objects left over");
            }

            if (!TryConstant(code) && !TryText(code) && !TryContainer(code) && !TryMemo(code) && !TryReference(code))
            {
                throw Bad($"byte {at} holds the unknown instruction 0x{(int)code:X2}");
            }
        }
    }

    private bool TryConstant(char code)
    {
        switch (code)
        {
            case '\x80':
                var protocol = Byte();
                return protocol <= HighestProtocol ? true : throw Bad($"it has protocol {protocol}; known are 2 to {HighestProtocol}");
            case '\x95':
                _ = Take(8); // a frame says how much follows, which the bytes themselves do as well
                return true;
            case 'N':
                return Push(null);
            case '\x88':
                return Push(true);
            case '\x89':
                return Push(false);
            case 'J':
                return Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
            case 'K':
                return Push((long)Byte());
            case 'M':
                return Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
            case '\x8a':
                return Push(Long(Take(Byte())));
            case 'G':
                return Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
            case 'I':
                return Push(Line() switch
                {
                    "00" => false,
                    "01" => true,
                    var text => Whole(text),
                });
            case 'L':
                return Push(Whole(Line().TrimEnd('L')));
            default:
                return false;
        }
    }

    private bool TryText(char code) => code switch
    {
        'X' => Push(Text(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))))),
        '\x8c' or 'U' => Push(Text(Take(Byte()))),
        '\x8d' => Push(Text(Take(Length(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))))),
        'T' => Push(Text(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))))),
        'C' => Push(Take(Byte()).ToArray()),
        'B' => Push(Take(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))).ToArray()),
        _ => false,
    };

    private bool TryContainer(char code)
    {
        switch (code)
        {
            case '(':
                return Push(Mark);
            case ')':
                return Push(new PickleTuple([]));
            case 't':
                return Push(new PickleTuple(PopToMark()));
            case '\x85' or '\x86' or '\x87':
                var count = code - '\x84';
                var items = Enumerable.Range(0, count).Select(_ => Pop()).Reverse().ToList();
                return Push(new PickleTuple(items));
            case ']':
                return Push(new List<object?>());
            case 'l':
                return Push(PopToMark());
            case 'a':
                var item = Pop();
                Top<List<object?>>().Add(item);
                return true;
            case 'e':
                var more = PopToMark();
                Top<List<object?>>().AddRange(more);
                return true;
            case '}':
                return Push(new PickleDictionary());
            case 'd':
                var whole = PopToMark();
                var made = new PickleDictionary();
                Put(made, whole);
                return Push(made);
            case 's':
                var (value, key) = (Pop(), Pop());
                Put(Top<PickleDictionary>(), [key, value]);
                return true;
            case 'u':
                var pairs = PopToMark();
                Put(Top<PickleDictionary>(), pairs);
                return true;
            case '0':
                _ = Pop();
                return true;
            case '1':
                _ = PopToMark();
                return true;
            case '2':
                return Push(stack.Count > 0 ? stack[^1] : throw Bad("it copies from an empty stack"));
            default:
                return false;
        }
    }

    private bool TryMemo(char code)
    {
        switch (code)
        {
            case 'q':
                return Remember(Byte());
            case 'r':
                return Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case 'p':
                return Remember(Whole(Line()));
            case '\x94':
                return Remember(memo.Count);
            case 'h':
                return Recall(Byte());
            case 'j':
                return Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
            case 'g':
                return Recall(Whole(Line()));
            default:
                return false;
        }
    }

    private bool TryReference(char code)
    {
        switch (code)
        {
            case 'c':
                return PushGlobal(Line(), Line());
            case '\x93':
                var (name, module) = (Pop() as string, Pop() as string);
                return PushGlobal(module ?? throw Bad("a name is no text"), name ?? throw Bad("a name is no text"));
            case 'Q':
                return Push(resolve(Pop()));
            case 'R':
                var arguments = Pop() as PickleTuple ?? throw Bad("a call has no tuple of arguments");
                var called = Pop() as PickleGlobal ?? throw Bad("it calls something that has no name");
                return Push(reduce(called, arguments));
            case 'b':
                _ = Pop(); // the attributes of an OrderedDict (PyTorch keeps versions there): of no use here
                _ = Top<PickleDictionary>();
                return true;
            case 'i' or 'o' or '\x81' or '\x92':
                throw Bad("it builds objects of classes, which a state dict does not need. Save the state dict alone: torch.save(model.state_dict(), path)");
            default:
                return false;
        }
    }

    private bool PushGlobal(string module, string name)
    {
        var global = new PickleGlobal(module, name);
        return isAllowed(global)
            ? Push(global)
            : throw Bad($"it refers to {global}, which is not run and not needed. Save the state dict alone: torch.save(model.state_dict(), path)");
    }

    private bool Push(object? value)
    {
        if (++objects > MaxObjects)
        {
            throw Bad($"it makes more than {MaxObjects} objects, which no state dict needs");
        }

        stack.Add(value);
        return true;
    }

    private object? Pop()
    {
        if (stack.Count == 0 || ReferenceEquals(stack[^1], Mark))
        {
            throw Bad("it takes more objects than it has made");
        }

        var value = stack[^1];
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private List<object?> PopToMark()
    {
        var mark = stack.FindLastIndex(item => ReferenceEquals(item, Mark));
        if (mark < 0)
        {
            throw Bad("a mark is missing");
        }

        var items = stack[(mark + 1)..];
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    private T Top<T>()
        where T : class => stack.Count > 0 && stack[^1] is T top ? top : throw Bad("it adds to something of another kind");

    private static void Put(PickleDictionary dictionary, List<object?> pairs)
    {
        if (pairs.Count % 2 != 0)
        {
            throw Bad("a key has no value");
        }

        for (var i = 0; i < pairs.Count; i += 2)
        {
            dictionary.Items.Add((pairs[i], pairs[i + 1]));
        }
    }

    private bool Remember(long index)
    {
        memo[index] = stack.Count > 0 && !ReferenceEquals(stack[^1], Mark) ? stack[^1] : throw Bad("it remembers from an empty stack");
        return true;
    }

    private bool Recall(long index) => Push(memo.TryGetValue(index, out var value) ? value : throw Bad($"it recalls object {index}, which it never made"));

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > data.Length - position)
        {
            throw Bad("it ends too early");
        }

        position += count;
        return data.AsSpan(position - count, count);
    }

    private string Line()
    {
        var end = Array.IndexOf(data, (byte)'\n', position);
        if (end < 0)
        {
            throw Bad("it ends too early");
        }

        var line = Text(data.AsSpan(position, end - position));
        position = end + 1;
        return line;
    }

    private int Length(ulong claimed) => claimed <= (ulong)(data.Length - position) ? (int)claimed : throw Bad("it ends too early");

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static long Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Bad($"'{text}' is no whole number");

    // Little-endian two's complement of any length; numbers beyond 64 bits are no sizes.
    private static long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
        {
            throw Bad("a number has more than 64 bits");
        }

        var value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1L : 0L;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private static InvalidDataException Bad(string why) => new(why);
}
