using System.Buffers.Binary;
using System.Text;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Native;

public sealed class NativeTests
{
    [Theory]
    [InlineData(
        "Unable to load shared library 'x' or one of its dependencies.\n/a/libLibTorchSharp.so: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /a/b.so)",
        "libtorch cannot be loaded: this system's libstdc++.so.6 lacks version GLIBCXX_3.4.32.")]
    [InlineData(
        "Unable to load.\nlibgomp-98b21ff3.so.1: cannot open shared object file: No such file or directory\n",
        "libtorch cannot be loaded: the library libgomp-98b21ff3.so.1 is missing.")]
    [InlineData("Something else\nand more", "libtorch cannot be loaded: Something else")]
    public void Explain_WhatTheLoaderSays_IsOneLineNamingTheCause(string loader, string expected) => Assert.Equal(expected, NativeTorch.Explain(loader));

    [Fact]
    public void EnsureLoaded_BuiltOutput_LoadsAndLeavesNoCopy()
    {
        NativeTorch.EnsureLoaded();

        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")));
    }

    [Fact]
    public void Autocast_ThisSystem_HalvesProductsAndStops()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "native autocast is implemented for Linux");
        using var scope = NewDisposeScope();
        var (a, b) = (randn(4, 4), randn(4, 4));

        Assert.Null(Autocast.Unavailable);
        using (Autocast.Of(Precision.Bf16, CPU))
        {
            Assert.Equal(ScalarType.BFloat16, matmul(a, b).dtype);
            using (Autocast.Suspend(CPU))
            {
                Assert.Equal(ScalarType.Float32, matmul(a, b).dtype);
            }

            Assert.Equal(ScalarType.BFloat16, matmul(a, b).dtype);
        }

        Assert.Equal(ScalarType.Float32, matmul(a, b).dtype);
    }

    [Fact]
    public void BuiltBridge_NeededVersionOfLibstdcpp_IsMarkedWeak()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "an ELF file");
        var file = File.ReadAllBytes(NativeTorch.FindBridge(AppContext.BaseDirectory)!);

        Assert.Equal([true], [.. NeededVersions(file).Where(v => v.Name == "GLIBCXX_3.4.32").Select(v => v.Weak)]);
    }

    private static IEnumerable<(string Name, bool Weak)> NeededVersions(byte[] file)
    {
        const uint VersionNeeds = 0x6FFFFFFE;
        long U64(long at) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)at));
        uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)at));
        ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)at));
        var (sections, size, count) = (U64(0x28), U16(0x3A), U16(0x3C));
        for (var s = 0; s < count; s++)
        {
            var section = sections + s * size;
            if (U32(section + 4) != VersionNeeds)
            {
                continue;
            }

            var names = U64(sections + U32(section + 40) * (long)size + 24);
            for (long need = U64(section + 24), next = 1; next != 0; need += next)
            {
                var entry = need + U32(need + 8);
                for (var i = 0; i < U16(need + 2); i++)
                {
                    var start = (int)(names + U32(entry + 8));
                    yield return (Encoding.ASCII.GetString(file, start, Array.IndexOf(file, (byte)0, start) - start), (U16(entry + 4) & 2) != 0);
                    entry += U32(entry + 12);
                }

                next = U32(need + 12);
            }
        }
    }
}
