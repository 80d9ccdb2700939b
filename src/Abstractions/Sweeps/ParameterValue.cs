using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlTr.Abstractions.Sweeps;

#pragma warning disable CA1720 // the field's own words for these types
/// <summary>The type of a hyper-parameter's value.</summary>
public enum ParameterType
{
    /// <summary>A finite real number.</summary>
    Float,

    /// <summary>A 64-bit whole number.</summary>
    Int,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>One of a set of names.</summary>
    Text,
}
#pragma warning restore CA1720

/// <summary>One value of a hyper-parameter. In JSON it is a plain number, boolean or string.</summary>
[GenerateSerializer, Immutable, Alias("mltr.ParameterValue")]
[JsonConverter(typeof(ParameterValueJsonConverter))]
public readonly record struct ParameterValue : IComparable<ParameterValue>
{
    private ParameterValue(ParameterType type, double number, long whole, string? text) => (Type, Number, Whole, Text) = (type, number, whole, text);

    /// <summary>Which of the other properties holds the value.</summary>
    [Id(0)] public ParameterType Type { get; private init; }

    [Id(1)] private double Number { get; init; }

    [Id(2)] private long Whole { get; init; }

    [Id(3)] private string? Text { get; init; }

    /// <summary>A real number; an int reads as its real value.</summary>
    /// <exception cref="InvalidOperationException">The value is a bool or a text.</exception>
    [JsonIgnore]
    public double AsFloat => Type switch
    {
        ParameterType.Float => Number,
        ParameterType.Int => Whole,
        _ => throw Mismatch(ParameterType.Float),
    };

    /// <summary>A whole number.</summary>
    /// <exception cref="InvalidOperationException">The value is not an int.</exception>
    [JsonIgnore] public long AsInt => Type == ParameterType.Int ? Whole : throw Mismatch(ParameterType.Int);

    /// <summary>A truth value.</summary>
    /// <exception cref="InvalidOperationException">The value is not a bool.</exception>
    [JsonIgnore] public bool AsBool => Type == ParameterType.Bool ? Whole != 0 : throw Mismatch(ParameterType.Bool);

    /// <summary>A name.</summary>
    /// <exception cref="InvalidOperationException">The value is not a text.</exception>
    [JsonIgnore] public string AsText => Type == ParameterType.Text ? Text ?? "" : throw Mismatch(ParameterType.Text);

    /// <summary>A real number.</summary>
    public static ParameterValue Of(double value) => new(ParameterType.Float, value, 0, null);

    /// <summary>A whole number.</summary>
    public static ParameterValue Of(long value) => new(ParameterType.Int, 0, value, null);

    /// <summary>A truth value.</summary>
    public static ParameterValue Of(bool value) => new(ParameterType.Bool, 0, value ? 1 : 0, null);

    /// <summary>A name.</summary>
    public static ParameterValue Of(string value) => new(ParameterType.Text, 0, 0, value);

#pragma warning disable CS1591, CA2225 // Of is the named form
    public static implicit operator ParameterValue(double value) => Of(value);

    public static implicit operator ParameterValue(long value) => Of(value);

    public static implicit operator ParameterValue(bool value) => Of(value);

    public static implicit operator ParameterValue(string value) => Of(value);
#pragma warning restore CS1591, CA2225

    /// <summary>Reads what a person typed; false if it is no value of the wanted type.</summary>
    public static bool TryParse(string text, ParameterType type, out ParameterValue value)
    {
        var trimmed = text.Trim();
        value = default;
        switch (type)
        {
            case ParameterType.Float when double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                value = Of(number);
                return true;
            case ParameterType.Int when long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                value = Of(whole);
                return true;
            case ParameterType.Bool when bool.TryParse(trimmed, out var truth):
                value = Of(truth);
                return true;
            case ParameterType.Text when trimmed.Length > 0:
                value = Of(trimmed);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc />
    public int CompareTo(ParameterValue other) => (Type, other.Type) switch
    {
        (ParameterType.Float or ParameterType.Int, ParameterType.Float or ParameterType.Int) => AsFloat.CompareTo(other.AsFloat),
        var (mine, theirs) when mine != theirs => mine.CompareTo(theirs),
        (ParameterType.Bool, _) => Whole.CompareTo(other.Whole),
        _ => string.CompareOrdinal(Text, other.Text),
    };

    /// <summary>The shortest text that reads back as this value.</summary>
    public override string ToString() => Type switch
    {
        ParameterType.Float => Number.ToString("R", CultureInfo.InvariantCulture),
        ParameterType.Int => Whole.ToString(CultureInfo.InvariantCulture),
        ParameterType.Bool => Whole != 0 ? "true" : "false",
        _ => Text ?? "",
    };

#pragma warning disable CS1591 // the operators say what CompareTo says
    public static bool operator <(ParameterValue left, ParameterValue right) => left.CompareTo(right) < 0;

    public static bool operator >(ParameterValue left, ParameterValue right) => left.CompareTo(right) > 0;

    public static bool operator <=(ParameterValue left, ParameterValue right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ParameterValue left, ParameterValue right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591

    private InvalidOperationException Mismatch(ParameterType wanted) => new($"'{this}' is a {Type} and was read as a {wanted}.");
}

/// <summary>Keeps a whole-valued float apart from an int by its decimal point.</summary>
internal sealed class ParameterValueJsonConverter : JsonConverter<ParameterValue>
{
    public override ParameterValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => ParameterValue.Of(true),
        JsonTokenType.False => ParameterValue.Of(false),
        JsonTokenType.String => ParameterValue.Of(reader.GetString()!),
        JsonTokenType.Number when reader.TryGetInt64(out var whole) && reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 => ParameterValue.Of(whole),
        JsonTokenType.Number => ParameterValue.Of(reader.GetDouble()),
        _ => throw new JsonException("A parameter's value is a number, true, false or a string."),
    };

    public override void Write(Utf8JsonWriter writer, ParameterValue value, JsonSerializerOptions options)
    {
        switch (value.Type)
        {
            case ParameterType.Bool:
                writer.WriteBooleanValue(value.AsBool);
                break;
            case ParameterType.Int:
                writer.WriteNumberValue(value.AsInt);
                break;
            case ParameterType.Text:
                writer.WriteStringValue(value.AsText);
                break;
            default:
                var text = value.ToString();
                writer.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text);
                break;
        }
    }
}
