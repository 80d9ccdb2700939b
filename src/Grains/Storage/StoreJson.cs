using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MlTr.Grains.Storage;

/// <summary>How values look in JSON columns: snake_case, enums by name, and NaN as a name (a failed loss has no number).</summary>
internal static class StoreJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options)
        ?? throw new JsonException($"Expected a {typeof(T).Name}, found null.");
}

/// <summary>A property that is kept as JSON text.</summary>
internal sealed class JsonConverter<T>() : ValueConverter<T, string>(value => StoreJson.Write(value), json => StoreJson.Read<T>(json));

/// <summary>Times as ISO 8601 text in UTC and of one length, so that they read well and sort as text.</summary>
internal static class UtcText
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTimeOffset Read(string text) => DateTimeOffset.ParseExact(
        text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}

/// <summary><see cref="UtcText"/> for mapped properties.</summary>
internal sealed class UtcTextConverter() : ValueConverter<DateTimeOffset, string>(time => UtcText.Write(time), text => UtcText.Read(text));
