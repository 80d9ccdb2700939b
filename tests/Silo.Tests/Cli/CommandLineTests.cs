using MlTr.Silo.Cli;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_DemoWithOptions_GivesSettingsAndFlags()
    {
        var line = CommandLine.Parse(["demo", "--data", "folder", "--port=0", "--keep"]);

        Assert.Equal(CommandLine.Demo, line.Verb);
        Assert.Equal(("folder", "0"), (line.Settings["Platform:Data"], line.Settings["Platform:Port"]));
        Assert.Contains("--keep", line.Flags);
    }

    [Theory]
    [InlineData("--prot", "0")]
    [InlineData("serve", "demo")]
    [InlineData("--data")]
    public void Parse_WhatIsNotUnderstood_IsOneLine(params string[] words)
    {
        var error = Assert.Throws<PlatformException>(() => CommandLine.Parse(words));

        Assert.Contains("--help", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
