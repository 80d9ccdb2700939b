using System.Globalization;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Silo.Cli.Model;

/// <summary>An option of a verb.</summary>
/// <param name="Name">As typed: <c>--out</c>.</param>
/// <param name="Value">What stands for its value in the help; empty for a flag.</param>
/// <param name="Description">What it does, with unit.</param>
/// <param name="Range">Which values it takes; empty where any.</param>
/// <param name="Default">The value where nothing is typed; null where there is none.</param>
internal sealed record VerbOption(string Name, string Value, string Description, string Range = "", string? Default = null)
{
    public bool IsFlag => Value.Length == 0;

    /// <summary>The option of a hyper-parameter; all that is known of it comes from the catalogue.</summary>
    public static VerbOption Of(HyperParameter known) => new(
        NameOf(known),
        known.Type switch
        {
            ParameterType.Float => "NUMBER",
            ParameterType.Int => "N",
            ParameterType.Bool => "BOOL",
            _ => "NAME",
        },
        known.Description,
        known.Type switch
        {
            ParameterType.Bool => "true or false",
            ParameterType.Text => string.Join(", ", known.Options),
            _ => string.Create(CultureInfo.InvariantCulture, $"{ParameterValue.Of(known.Min)}..{ParameterValue.Of(known.Max)}"),
        },
        known.Default.ToString());

    public static string NameOf(HyperParameter known) => "--" + known.Name.Replace('_', '-');
}

/// <summary>A verb of the command line that needs no platform.</summary>
/// <param name="Name">As typed.</param>
/// <param name="Usage">What follows it, in short.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Groups">Its options under their headings.</param>
/// <param name="Positional">What stands for further words, such as PICTURE; null where there are none.</param>
internal sealed record Verb(string Name, string Usage, string Summary, IReadOnlyList<(string Title, IReadOnlyList<VerbOption> Options)> Groups, string? Positional = null)
{
    public string HelpText
    {
        get
        {
            var width = Groups.SelectMany(group => group.Options).Max(option => $"{option.Name} {option.Value}".Length);
            var lines = new List<string> { Summary, "", $"Usage: dotnet run --project src/Silo -- {Name} {Usage}" };
            foreach (var (title, options) in Groups)
            {
                lines.AddRange(["", $"{title}:"]);
                lines.AddRange(options.Select(option => $"  {$"{option.Name} {option.Value}".PadRight(width)}  {option.Description}{Details(option)}"));
            }

            return string.Join(Environment.NewLine, lines);
        }
    }

    private static string Details(VerbOption option)
    {
        var details = string.Join("; ", new[] { option.Range, option.Default is null ? "" : $"default: {option.Default}" }.Where(text => text.Length > 0));
        return details.Length > 0 ? $" ({details})" : "";
    }
}
