using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class WorkerLogReaderTests
{
    private readonly List<(string Level, string Text)> _lines = [];

    [Fact]
    public void Read_AnEntryOfTheConsoleLogger_HasItsLevel_AndTheClassBeforeItsFirstLine()
    {
        var reader = new WorkerLogReader("info", (level, text) => _lines.Add((level, text)));

        foreach (var line in (string[])["warn: MlTr.Grains.Workers.WorkerGrain[12]", "      Worker cpu-0 tries a call again", "      System.IO.IOException: no", "         at Some.Place()", "info: Orleans.Runtime.Silo[-100]", "      Silo started", "", "plain words"])
        {
            reader.Read(line);
        }

        Assert.Equal(
            [("warning", "WorkerGrain: Worker cpu-0 tries a call again"), ("warning", "System.IO.IOException: no"), ("warning", "   at Some.Place()"), ("info", "Silo: Silo started"), ("info", "plain words")],
            _lines);
    }

    [Theory]
    [InlineData("08:53:06 info: MlTr.Grains.Workers.WorkerGrain[453240659] Worker cpu-0 called in: 1 thread", "info", "WorkerGrain: Worker cpu-0 called in: 1 thread")]
    [InlineData("2026-01-31 08:53:06 crit: MlTr.Silo[-3] gone", "critical", "Silo: gone")]
    [InlineData("dbug: Some.Place[0] [1] fail: no", "debug", "Place: [1] fail: no")]
    public void Read_AnEntryOfOneLine_LosesTimeAndNamespace(string line, string level, string text)
    {
        new WorkerLogReader("info", (level, text) => _lines.Add((level, text))).Read(line);

        Assert.Equal([(level, text)], _lines);
    }

    [Fact]
    public void Read_WhatNoLoggerWrote_HasTheStreamsLevel_AlsoSetIn()
    {
        var reader = new WorkerLogReader("error", (level, text) => _lines.Add((level, text)));

        reader.Read("      set in");
        reader.Read("warn: no category here");
        reader.Read(new string('x', 5_000));

        Assert.Equal([("error", "      set in"), ("error", "warn: no category here")], _lines[..2]);
        Assert.Equal(4_001, _lines[2].Text.Length);
    }
}
