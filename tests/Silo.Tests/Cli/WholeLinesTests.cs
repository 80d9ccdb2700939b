using MlTr.Silo.Cli;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli;

public sealed class WholeLinesTests
{
    [Fact]
    public void StyledLine_IsWrittenInOnePiece()
    {
        var pieces = new Pieces();
        using var lines = new WholeLines(pieces);
        var console = lines.CreateConsole();

        console.MarkupLine("[bold]MlTr Platform[/] is ready at [link]http://127.0.0.1:5080[/]");

        Assert.Equal([$"MlTr Platform is ready at http://127.0.0.1:5080{Environment.NewLine}"], pieces.Written);
    }

    [Fact]
    public void WriteRest_WritesWhatHasNoLineEnd()
    {
        var pieces = new Pieces();
        using var lines = new WholeLines(pieces);

        lines.Write("Password: ");
        lines.Flush();
        Assert.Empty(pieces.Written);
        lines.WriteRest();

        Assert.Equal(["Password: "], pieces.Written);
    }

    /// <summary>Keeps each piece that was written.</summary>
    private sealed class Pieces : StringWriter
    {
        public List<string> Written { get; } = [];

        public override void Write(string? value) => Written.Add(value ?? "");
    }
}
