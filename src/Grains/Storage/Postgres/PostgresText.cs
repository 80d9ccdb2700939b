using System.Text;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MlTr.Grains.Storage;

/// <summary>PostgreSQL takes neither a zero character nor half of a surrogate pair, which a process's output may hold: both become the replacement character.</summary>
internal static class PostgresText
{
    private const char Replacement = '\uFFFD';

    public static string Clean(string text) => text.Any(letter => letter == '\0' || char.IsSurrogate(letter))
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', Replacement)
        : text;
}

/// <summary><see cref="PostgresText"/> for mapped properties.</summary>
internal sealed class PostgresTextConverter() : ValueConverter<string, string>(text => PostgresText.Clean(text), text => text);
