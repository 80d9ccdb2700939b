using System.Text;
using Spectre.Console;

namespace MlTr.Silo.Cli;

/// <summary>
/// Writes line by line to a file or a pipe that others write to as well. A styled line comes in pieces, and a message of the log in between would tear it,
/// which whoever waits for that line would never find.
/// </summary>
internal sealed class WholeLines(TextWriter output) : TextWriter
{
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => output.Encoding;

    /// <summary>A console without colours that writes here.</summary>
    public IAnsiConsole CreateConsole() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(this) });

    public override void Write(char value)
    {
        lock (_line)
        {
            _line.Append(value);
            if (value == '\n')
            {
                WriteRest();
            }
        }
    }

    public override void Write(string? value)
    {
        lock (_line)
        {
            foreach (var letter in value ?? "")
            {
                Write(letter);
            }
        }
    }

    /// <summary>Only the lines that are complete; see <see cref="WriteRest"/>.</summary>
    public override void Flush() => output.Flush();

    /// <summary>Writes what has no line end, when nothing comes after it.</summary>
    public void WriteRest()
    {
        lock (_line)
        {
            output.Write(_line.ToString());
            output.Flush();
            _line.Clear();
        }
    }
}
