using System.Globalization;
using MlTr.Abstractions.Leaderboards;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

/// <summary>One comparison of a filter, by the kind of what is compared.</summary>
internal static class FilterComparison
{
    /// <exception cref="FilterException">The sign or the value does not go with the field.</exception>
    public static Func<LeaderboardRow, bool> Of(FilterField field, FilterToken sign, FilterToken value) => field.Kind switch
    {
        FieldKind.Number => Numbers(field, sign, value),
        FieldKind.Truth => Truths(field, sign, value),
        FieldKind.Tags => Tags(field, sign, value),
        _ => Names(field, sign, value),
    };

    private static Func<LeaderboardRow, bool> Numbers(FilterField field, FilterToken sign, FilterToken value)
    {
        if (!TryNumber(value.Text, out var number))
        {
            throw new FilterException(value.Start, $"{field.Name} is a number, not '{value.Text}': write it as 0.5, 1e-3 or 80%.");
        }

        Func<double, bool> holds = sign.Text switch
        {
            "=" => read => Same(read, number),
            "!=" => read => !Same(read, number),
            "<" => read => read < number,
            "<=" => read => read <= number || Same(read, number),
            ">" => read => read > number,
            ">=" => read => read >= number || Same(read, number),
            _ => throw new FilterException(sign.Start, $"{field.Name} is a number: it has no part to be found by ~."),
        };
        return row => field.Read(row) is double read && holds(read);
    }

    private static Func<LeaderboardRow, bool> Truths(FilterField field, FilterToken sign, FilterToken value)
    {
        bool wanted = value.Text.ToLowerInvariant() switch
        {
            "on" or "true" or "yes" => true,
            "off" or "false" or "no" => false,
            _ => throw new FilterException(value.Start, $"{field.Name} is on or off, not '{value.Text}'."),
        };
        return sign.Text switch
        {
            "=" => row => field.Read(row) is bool read && read == wanted,
            "!=" => row => field.Read(row) is bool read && read != wanted,
            _ => throw new FilterException(sign.Start, $"{field.Name} is on or off: compare it with = or !=."),
        };
    }

    private static Func<LeaderboardRow, bool> Names(FilterField field, FilterToken sign, FilterToken value)
    {
        if (field.Name == "state" && sign.Text != "~" && !field.Options.Contains(value.Text, StringComparer.OrdinalIgnoreCase))
        {
            throw new FilterException(value.Start, $"There is no state '{value.Text}'; there is {string.Join(", ", field.Options)}.");
        }

        return sign.Text switch
        {
            "=" => row => field.Read(row) is string read && read.Equals(value.Text, StringComparison.OrdinalIgnoreCase),
            "!=" => row => field.Read(row) is string read && !read.Equals(value.Text, StringComparison.OrdinalIgnoreCase),
            "~" => row => field.Read(row) is string read && read.Contains(value.Text, StringComparison.OrdinalIgnoreCase),
            _ => throw new FilterException(sign.Start, $"{field.Name} is a name: compare it with =, != or ~ (contains)."),
        };
    }

    /// <summary>One of the tags is it, none is, or one contains it: a trial without tags has none of that name.</summary>
    private static Func<LeaderboardRow, bool> Tags(FilterField field, FilterToken sign, FilterToken value)
    {
        bool Any(LeaderboardRow row, Func<string, bool> holds) => ((IEnumerable<string>)field.Read(row)!).Any(holds);
        return sign.Text switch
        {
            "=" => row => Any(row, tag => tag.Equals(value.Text, StringComparison.OrdinalIgnoreCase)),
            "!=" => row => !Any(row, tag => tag.Equals(value.Text, StringComparison.OrdinalIgnoreCase)),
            "~" => row => Any(row, tag => tag.Contains(value.Text, StringComparison.OrdinalIgnoreCase)),
            _ => throw new FilterException(sign.Start, $"{field.Name} is a name: compare it with =, != or ~ (contains)."),
        };
    }

    private static bool TryNumber(string text, out double number)
    {
        var share = text.EndsWith('%');
        var read = double.TryParse(share ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
        number = share ? number / 100 : number;
        return read;
    }

    /// <summary>A learning rate of 0.0003 that went through arithmetic is still 3e-4 to the one who asks.</summary>
    private static bool Same(double left, double right) => Math.Abs(left - right) <= 1e-9 * Math.Max(Math.Abs(left), Math.Abs(right));
}
