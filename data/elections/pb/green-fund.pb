META
key;value
description;Green fund of Linden, a made-up town
country;None
unit;Linden
instance;2026
num_projects;9
num_votes;30
budget;50000.00
vote_type;approval
rule;greedy
date_begin;05.10.2026
date_end;18.10.2026
max_length;4
edition;1
language;en
currency;EUR
experimental;1
comment;#1: Projects, voters and ballots are made up. Public domain (CC0 1.0).
PROJECTS
project_id;cost;name;category
school/yard;18000.00;Shade for the school yard, with benches;children, education
P-2;7500.50;"Bicycle racks; two at the harbour";mobility
P-3;7500.00;Nest boxes for swifts;nature
4;12000.00;"""Linden"" trees along Market Street";nature
10;64000.00;New roof for the swimming pool;sport
P-6;4999.99;Drinking fountain;health
7b;15000.00;Repair café, three years;culture
P-8;2500.00;Board games for the library;culture
P-9;9000.00;Second notice board;culture
VOTES
voter_id;age;voting_method;vote
v01;34;internet;school/yard,4
v02;51;internet;school/yard,P-3,P-6
v03;;internet;4,P-3
v04;19;paper;P-2,P-6,P-8
v05;62;internet;
v06;54;internet;school/yard,10
v07;49;internet;10
v08;27;paper;P-6,P-8,7b
v09;39;internet;4,school/yard,P-2,P-3
v10;44;internet;7b
v11;34;internet;P-3,4
v12;51;paper;school/yard,P-6
v13;;internet;P-2
v14;19;internet;4
v15;62;internet;school/yard
v16;54;paper;P-8,P-6
v17;49;internet;10,4
v18;27;internet;7b,P-8
v19;39;internet;P-3,P-2
v20;44;paper;school/yard,4,P-6
v21;34;internet;P-6
v22;51;internet;
v23;;internet;4,P-2
v24;19;paper;school/yard,7b
v25;62;internet;P-3
v26;54;internet;10,P-8
v27;49;internet;4,P-6,P-3
v28;27;paper;P-2,P-3
v29;39;internet;school/yard
v30;44;internet;P-6,4,7b,P-8
