using System.Collections.Immutable;
using System.Numerics;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>
/// Points that fill the unit cube evenly: Sobol's sequence with the direction numbers of Joe and Kuo (2008), and Owen's scrambling by hashing
/// (Burley 2020), which keeps the even filling and makes the seed count. Of the first 2^k points, each 2^k-th part of every axis holds exactly one.
/// </summary>
internal static class SobolSequence
{
    /// <summary>As many axes as there are direction numbers for.</summary>
    public const int MaxDimensions = 32;

    private const int Bits = 32;

    // Degree s, coefficients a and starting numbers m of the primitive polynomials of dimensions 2 to 32.
    private static readonly (int S, uint A, uint[] M)[] Polynomials =
    [
        (1, 0, [1]), (2, 1, [1, 3]), (3, 1, [1, 3, 1]), (3, 2, [1, 1, 1]), (4, 1, [1, 1, 3, 3]), (4, 4, [1, 3, 5, 13]),
        (5, 2, [1, 1, 5, 5, 17]), (5, 4, [1, 1, 5, 5, 5]), (5, 7, [1, 1, 7, 11, 19]), (5, 11, [1, 1, 5, 1, 1]), (5, 13, [1, 1, 1, 3, 11]),
        (5, 14, [1, 3, 5, 5, 31]), (6, 1, [1, 3, 3, 9, 7, 49]), (6, 13, [1, 1, 1, 15, 21, 21]), (6, 16, [1, 3, 1, 13, 27, 49]),
        (6, 19, [1, 1, 1, 15, 7, 5]), (6, 22, [1, 3, 1, 15, 13, 25]), (6, 25, [1, 1, 5, 5, 19, 61]), (7, 1, [1, 3, 7, 11, 23, 15, 103]),
        (7, 4, [1, 3, 7, 13, 13, 15, 69]), (7, 7, [1, 1, 3, 13, 7, 35, 63]), (7, 8, [1, 3, 5, 9, 1, 25, 53]), (7, 14, [1, 3, 1, 13, 9, 35, 107]),
        (7, 19, [1, 3, 1, 5, 27, 61, 31]), (7, 21, [1, 1, 5, 11, 19, 41, 61]), (7, 28, [1, 3, 5, 3, 3, 13, 69]), (7, 31, [1, 1, 7, 13, 1, 19, 1]),
        (7, 32, [1, 3, 7, 5, 13, 19, 59]), (7, 37, [1, 1, 3, 9, 25, 29, 41]), (7, 41, [1, 3, 5, 13, 23, 1, 55]), (7, 42, [1, 3, 7, 3, 13, 59, 17]),
    ];

    private static readonly ImmutableArray<uint[]> Directions = [.. Enumerable.Range(0, MaxDimensions).Select(Direction)];

    /// <summary>One coordinate, in [0, 1), of point <paramref name="index"/>.</summary>
    public static double At(int seed, long index, int dimension)
    {
        var bits = 0u;
        var rest = (ulong)index;
        for (var bit = 0; rest != 0; bit++, rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                bits ^= Directions[dimension][bit];
            }
        }

        return Scramble(bits, SearchRandom.Bits(seed, -1, dimension)) * (1.0 / (1L << Bits));
    }

    private static uint[] Direction(int dimension)
    {
        var numbers = new uint[Bits];
        if (dimension == 0)
        {
            for (var bit = 0; bit < Bits; bit++)
            {
                numbers[bit] = 1u << (Bits - 1 - bit);
            }

            return numbers;
        }

        var (s, a, m) = Polynomials[dimension - 1];
        for (var bit = 0; bit < s; bit++)
        {
            numbers[bit] = m[bit] << (Bits - 1 - bit);
        }

        for (var bit = s; bit < Bits; bit++)
        {
            numbers[bit] = numbers[bit - s] ^ (numbers[bit - s] >> s);
            for (var k = 1; k < s; k++)
            {
                numbers[bit] ^= ((a >> (s - 1 - k)) & 1) * numbers[bit - k];
            }
        }

        return numbers;
    }

    /// <summary>Each bit is flipped or not by a hash of the bits above it.</summary>
    private static uint Scramble(uint value, uint seed)
    {
        var x = Reverse(value);
        x += seed;
        x ^= x * 0x6c50b47cu;
        x ^= x * 0xb82f1e52u;
        x ^= x * 0xc7afe638u;
        x ^= x * 0x8d22f6e6u;
        return Reverse(x);
    }

    private static uint Reverse(uint value)
    {
        value = ((value >> 1) & 0x55555555) | ((value & 0x55555555) << 1);
        value = ((value >> 2) & 0x33333333) | ((value & 0x33333333) << 2);
        value = ((value >> 4) & 0x0F0F0F0F) | ((value & 0x0F0F0F0F) << 4);
        value = ((value >> 8) & 0x00FF00FF) | ((value & 0x00FF00FF) << 8);
        return BitOperations.RotateLeft(value, 16);
    }
}
